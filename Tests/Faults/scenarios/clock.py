"""The machine's clock is set back."""
import shutil

from . import Skipped, scenario


def needs_faketime(run):
    run.faketime = shutil.which("faketime")
    if not run.faketime:
        raise Skipped("no faketime; scripts/dependencies faults installs it")


@scenario("clock-set-back", prepare=needs_faketime)
def clock_set_back(run):
    """Some of the parts start again with a clock that is behind: newer content must win all the same."""
    run.start("extract", "ingest", "batch")
    run.wait(run.random.uniform(2, 5))
    # What comes next has the versions behind those before, though the clock says otherwise; so not the time of a row
    # but their number tells that it goes on.
    parts = run.random.choice((["extract"], ["extract", "ingest"], ["extract", "ingest", "batch"]))
    behind = run.random.choice((2, 3_600, 86_400 * 400))
    run.notes.append(f"{' '.join(parts)}: {behind} s behind")
    run.hold(*parts)
    for part in parts:
        run.services[part].prefix = [run.faketime, "--exclude-monotonic", "-f", f"-{behind}s"]
    run.release(*parts)
    before = run.watch.sales()
    run.until("new sales with the clock set back", lambda: run.watch.sales() > before + 200, run.context.patience)
    run.hold(*parts)
    for part in parts:
        run.services[part].prefix = []
    run.release(*parts)
    before = run.watch.sales()
    run.until("new sales with the clock set right", lambda: run.watch.sales() > before + 200, run.context.patience)
