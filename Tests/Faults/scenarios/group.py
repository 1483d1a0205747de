"""Several of one kind: two extractors, two ingests, members that come and go, and one that was frozen meanwhile."""
from . import scenario

# Short enough that a frozen member is given up within seconds.
NERVOUS = ["kafka.properties.session.timeout.ms=3000", "kafka.properties.max.poll.interval.ms=6000"]


def second_warehouse(run):
    """Another ingest of the same group has a warehouse of its own: the partitions are shared out between them, and in
    the end each reads what the other had."""
    warehouse = run.directory / "second-warehouse"
    run.other_warehouses.append(warehouse)
    run.inspect_share = 0  # Kafka's offsets are those of two warehouses now
    return warehouse


@scenario("two-extractors", ci=True)
def two_extractors(run):
    """A second follower fences the first, which ends with 80 and is not started again."""
    run.start("extract", "ingest", "batch")
    run.may_be_fenced = True
    run.wait(run.random.uniform(2, 5))
    run.start_another("extract-2", "extract")
    run.until("one of the extractors ends with 80", lambda: run.fenced, run.context.patience)
    run.blow("extract", "a second extractor took over")
    run.recover()
    run.wait(1)
    alive = [name for name in ("extract", "extract-2") if run.services[name].is_wanted]
    if len(alive) != 1 or len(run.fenced) != 1:
        run.violations.append(f"two extractors: fenced {run.fenced}, still running {alive}")


@scenario("second-ingest-refused")
def second_ingest_refused(run):
    """A SQLite warehouse has one ingest: another one on it says 75 and touches nothing, also while the first is frozen."""
    run.start("extract", "ingest", "batch")
    run.wait(run.random.uniform(2, 4))
    ingest = run.process("ingest")
    is_frozen = run.random.random() < 0.5
    if is_frozen:
        ingest.freeze()
    code = run.attempt("ingest-2", ["ingest", "--until-end"], seconds=30)
    if code not in (75, None):  # None: it waits, which is right as well
        run.violations.append(f"a second ingest on the same warehouse ended with {code}, not 75")
    ingest.thaw()
    run.blow("ingest", "a second ingest was refused")
    run.recover()


@scenario("ingest-frozen", weight=3, ci=True)
def ingest_frozen(run):
    """A zombie: ingest stands still until the group has given its partitions to another, and then goes on."""
    warehouse = second_warehouse(run)
    run.start("extract", "batch")
    run.start_another("ingest", "ingest", settings=NERVOUS)
    run.flow("ingest")
    run.start_another("ingest-2", "ingest", settings=NERVOUS, warehouse=warehouse)
    run.flow("ingest-2")
    run.wait(run.random.uniform(0, 4))
    run.until("ingest runs", lambda: run.process("ingest") is not None, run.context.patience)
    zombie = run.process("ingest")
    zombie.freeze()
    run.wait(run.random.uniform(7, 13))
    zombie.thaw()
    run.wait(run.random.uniform(2, 5))
    # The one that took over goes; what it has read is read again by the one that stays.
    run.dismiss("ingest-2")
    run.blow("ingest", "the frozen ingest is the only one again")
    run.recover()


@scenario("members-come-and-go", weight=2)
def members_come_and_go(run):
    """A second member joins and leaves during load, tidily or killed."""
    warehouse = second_warehouse(run)
    run.start("extract", "ingest", "batch")
    for _ in range(run.random.randint(2, 3)):
        run.wait(run.random.uniform(1, 3))
        run.start_another("ingest-2", "ingest", warehouse=warehouse)
        run.wait(run.random.uniform(1, 5))
        run.dismiss("ingest-2", kill=run.random.random() < 0.4)
    run.blow("ingest", "the other member has left")
    run.recover()
