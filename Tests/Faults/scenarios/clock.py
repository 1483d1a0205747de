"""The machine's clock is set back."""
from pathlib import Path

from . import Skipped, scenario


def needs_faketime(run):
    """The library itself: the command of that name would stand between the suite and the process that it kills."""
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
    if not found:
        raise Skipped("no libfaketime; scripts/dependencies faults installs it")
    run.faketime = {"LD_PRELOAD": str(found[0]), "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


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
        run.services[part].environment = {**run.faketime, "FAKETIME": f"-{behind}s"}
    run.release(*parts)
    before = run.watch.sales()
    run.until("new sales with the clock set back", lambda: run.watch.sales() > before + 200, run.context.patience)
    run.hold(*parts)
    for part in parts:
        run.services[part].environment = {}
    run.release(*parts)
    before = run.watch.sales()
    run.until("new sales with the clock set right", lambda: run.watch.sales() > before + 200, run.context.patience)
