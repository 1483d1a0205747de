"""The source API misbehaves: each of the simulator's faults alone, several together, and an API that stands still."""
from . import scenario

# Of requests. Each comes again and again, and the one that is asked anew succeeds.
REQUESTS = [
    "500@every:7", "503=1@every:9", "429=1@every:11", "408@every:8", "timeout@every:60", "cut@every:9",
    "malformed@every:8", "html@every:10", "sales/repeat@every:6", "sales/empty@every:6", "sales/fewer@every:3",
    "total@every:3",
]  # fmt: skip
# Of rows: fewer than the share of rejects at which ingestion stops.
ROWS = [
    f"sales/row-{how}@every:{every}"
    for how, every in [
        ("words", 97), ("types", 41), ("missing", 43), ("duplicate-key", 47), ("utf8", 53), ("unbalanced", 101),
    ]
]  # fmt: skip
# Of sweeps of a catalogue: never two of a kind in a row, so that none is believed.
CATALOGUES = [
    f"{listing}/catalogue-{how}@every:3"
    for listing in ("products", "customers")
    for how in ("truncated", "halved", "empty", "repriced", "duplicated", "drift")
    if (listing, how) not in {("customers", "repriced"), ("customers", "drift")}  # a customer has no price
]


def misbehave(run, faults):
    run.row_faults = run.row_faults + [fault for fault in faults if "/row-" in fault]
    run.page_faults = [fault for fault in faults if "/row-" not in fault]
    if any("/catalogue-" in fault for fault in faults):
        run.tolerated[("batch", 65)] = "the full refresh is not believed"
    run.notes.append("API faults: " + " ".join(faults))


def one(run):
    misbehave(run, run.turn(REQUESTS + ROWS + CATALOGUES))


def several(run):
    misbehave(
        run,
        run.random.sample(REQUESTS, 3) + run.random.sample(ROWS, run.random.randint(1, 2))
        + run.random.sample(CATALOGUES, 1),
    )  # fmt: skip


def watched(run):
    """The first served row after a moment in the middle must arrive: an API fault may slow, never stop."""
    run.start("extract", "ingest", "batch")
    run.wait(run.random.uniform(5, 8))
    run.blow("api", "the API misbehaves")
    run.wait(1)
    run.recover()


@scenario("api-fault-alone", weight=7, prepare=one)
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
