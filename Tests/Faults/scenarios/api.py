"""The source API misbehaves: each of the simulator's faults alone, several together, and an API that stands still."""
from pipeline import SHAPES

from . import scenario

# Of requests. Each comes again and again, and the one that is asked anew succeeds.
REQUESTS = [
    "500@every:7", "503=1@every:9", "429=1@every:11", "408@every:8", "timeout@every:60", "cut@every:9",
    "malformed@every:8", "html@every:10", "sales/repeat@every:6", "sales/empty@every:6", "sales/fewer@every:3",
    # Of a catalogue less often than once in two sweeps: a total that is never true lets none be believed.
    "sales/total@every:3", "products/total@every:13", "customers/total@every:37",
]  # fmt: skip
# Of rows: fewer than the share of rejects at which ingestion stops. A row that breaks its page is in pages.py.
ROWS = [
    f"sales/row-{how}@every:{every}"
    for how, every in [("words", 97), ("types", 41), ("missing", 43), ("duplicate-key", 47), ("utf8", 53)]
]
# Of sweeps of a catalogue: never two of a kind in a row, so that none is believed.
CATALOGUES = [
    f"{listing}/catalogue-{how}@every:3"
    for listing in ("products", "customers")
    for how in ("truncated", "halved", "empty", "repriced", "duplicated", "drift")
    if (listing, how) not in {("customers", "repriced"), ("customers", "drift")}  # a customer has no price
]


# These catalogues agree with their own total: with one, nothing could see through them.
PLAUSIBLE = ("/catalogue-halved", "/catalogue-empty", "/catalogue-repriced")


def needs_total(fault):
    return "/total" in fault or "/catalogue-truncated" in fault


ALONE = REQUESTS + ROWS + CATALOGUES


def misbehave(run, faults):
    if any(map(needs_total, faults)):
        run.shape = run.random.choice([shape for shape in SHAPES if "total" in shape])
    elif any(how in fault for fault in faults for how in PLAUSIBLE):
        run.shape = run.random.choice([shape for shape in SHAPES if "total" not in shape])
    run.row_faults = run.row_faults + [fault for fault in faults if "/row-" in fault]
    run.page_faults = [fault for fault in faults if "/row-" not in fault]
    if any("/catalogue-" in fault for fault in faults):
        run.tolerated[("batch", 65)] = "is held back"
    run.api_faults = faults
    run.notes.append("API faults: " + " ".join(faults))


def one(run):
    misbehave(run, run.turn(ALONE))


def several(run):
    requests = run.random.sample(REQUESTS, 3)
    catalogues = CATALOGUES
    if any(map(needs_total, requests)):
        catalogues = [fault for fault in CATALOGUES if not any(how in fault for how in PLAUSIBLE)]
    misbehave(
        run, requests + run.random.sample(ROWS, run.random.randint(1, 2)) + run.random.sample(catalogues, 1))


def watched(run):
    """The first served row after a moment in the middle must arrive: an API fault may slow, never stop."""
    run.start("extract", "ingest", "batch")
    run.wait(run.random.uniform(5, 8))
    run.blow("api", "the API misbehaves")
    run.wait(1)
    run.recover()


@scenario("api-fault-alone", weight=13, prepare=one)  # so that 200 runs play each of them
def api_fault_alone(run):
    """One of the simulator's faults, again and again."""
    watched(run)


@scenario("api-faults-mixed", weight=2, ci=True, prepare=several)
def api_faults_mixed(run):
    """Several of the simulator's faults together, and a kill."""
    run.start("extract", "ingest", "batch")
    run.wait(run.random.uniform(3, 6))
    run.kill(run.random.choice(("extract", "ingest", "batch")))
    run.recover()


@scenario("api-frozen")
def api_frozen(run):
    """The API answers nothing for a while."""
    run.start("extract", "ingest", "batch")
    run.wait(run.random.uniform(2, 5))
    run.simulator.freeze()
    run.wait(run.random.uniform(2, 25))
    run.simulator.thaw()
    run.blow("api", "the API answers again")
    run.recover()


def refuse_key(run):
    run.page_faults = [f"sales/{run.random.choice((401, 403))}@every:{run.random.randint(15, 40)}"]


@scenario("api-refuses-key", prepare=refuse_key)
def api_refuses_key(run):
    """Now and then the API refuses the key: a follower says so, waits, and goes on by itself."""
    run.start("extract", "ingest", "batch")
    log = run.directory / "extract.log"
    run.until("extract waits", lambda: "waiting" in log.read_text(errors="replace"), run.context.patience)
    run.blow("extract", "the key was refused")
    run.recover()
