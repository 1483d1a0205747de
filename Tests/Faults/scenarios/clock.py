"""The machine's clock is set back."""
import shutil
import subprocess
from pathlib import Path

from . import Skipped, scenario

SOURCE = Path(__file__).resolve().parents[1] / "clock_behind.c"


def needs_a_compiler(run):
    compiler = next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)
    library = run.context.directory / "clock_behind.so"
    if compiler is None:
        raise Skipped("no C compiler for a clock that is behind")
    if not library.exists():
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, SOURCE, "-ldl"], check=True)
    run.clock = library


def behind(run, seconds):
    """The environment of a process whose clock is behind."""
    return {"LD_PRELOAD": str(run.clock), "CLOCK_BEHIND_SECONDS": str(seconds)}


@scenario("clock-set-back", prepare=needs_a_compiler)
def clock_set_back(run):
    """Some of the parts start again with a clock that is behind: newer content must win all the same."""
    run.start("extract", "ingest", "batch")
    run.wait(run.random.uniform(2, 5))
    # The versions of what comes next follow those before, though the clock says otherwise: not the time of a row but
    # the number of rows tells that it goes on.
    parts = run.random.choice((["extract"], ["extract", "ingest"], ["extract", "ingest", "batch"]))
    seconds = run.random.choice((2, 3_600, 86_400 * 400))
    run.notes.append(f"{' '.join(parts)}: {seconds} s behind")
    run.hold(*parts)
    for part in parts:
        run.services[part].environment = behind(run, seconds)
    run.release(*parts)
    before = run.watch.sales()
    run.until("new sales with the clock set back", lambda: run.watch.sales() > before + 200, run.context.patience)
    run.hold(*parts)
    for part in parts:
        run.services[part].environment = {}
    run.release(*parts)
    before = run.watch.sales()
    run.until("new sales with the clock set right", lambda: run.watch.sales() > before + 200, run.context.patience)
