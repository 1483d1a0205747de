"""Brokers killed, started again, frozen and thawed; leaders and coordinators lost."""
from . import Skipped, scenario


def needs_three(run):
    if run.context.cluster.count < 3:
        raise Skipped("needs 3 brokers")


def strike(run, broker, what):
    """Kills a broker and starts it again after a while."""
    run.context.cluster.kill(broker)
    run.blow("broker", f"{what} (broker {broker}) killed", kind="broker")
    run.wait(run.random.uniform(0.5, 6))
    bring_back(run)


def bring_back(run):
    """Starts the brokers that are dead, and goes on until the pipeline does."""
    start = run.context.cluster.start_in_background()
    run.until("the brokers listen again", lambda: start.poll() is not None, run.context.patience * 2)
    run.recover()


@scenario("broker-killed", weight=2)
def broker_killed(run):
    needs_three(run)
    run.start("extract", "ingest", "batch")
    run.wait(run.random.uniform(2, 5))
    strike(run, run.random.choice(run.context.cluster.brokers), "a broker")


@scenario("leader-killed", weight=2, ci=True)
def leader_killed(run):
    """The leader of one of the partitions dies: another takes over with what min.insync.replicas has kept."""
    needs_three(run)
    run.start("extract", "ingest", "batch")
    run.wait(run.random.uniform(2, 5))
    leaders = run.kafka.leaders(run.topic)
    strike(run, leaders[run.random.choice(sorted(leaders))], "the leader")


@scenario("group-coordinator-killed")
def group_coordinator_killed(run):
    """The broker to which offsets are committed dies."""
    needs_three(run)
    run.start("extract", "ingest", "batch")
    run.wait(run.random.uniform(2, 5))
    strike(run, run.kafka.group_coordinator(run.group), "the group's coordinator")


@scenario("coordinator-lost-in-transaction", weight=2)
def coordinator_lost_in_transaction(run):
    """extract stands still in the middle of a transaction while its coordinator dies."""
    needs_three(run)
    point = run.random.choice(("extract.send.after", "extract.cursor.after", "extract.commit.before"))
    run.armed = [f"{point}@{run.random.randint(2, 8)}=stop"]
    run.start("extract", "ingest", "batch")
    run.until(f"extract stands at {point}", lambda: run.process("extract") and run.process("extract").is_stopped(), 60)
    run.armed = []
    extract = run.process("extract")
    broker = run.kafka.transaction_coordinator(f"{run.state_topic}.sales")
    run.context.cluster.kill(broker)
    run.blow("broker", f"the transaction's coordinator (broker {broker}) killed", kind="broker")
    run.wait(run.random.uniform(0, 3))
    extract.thaw()
    run.stops += [place for action, place in extract.fault_points() if action == "stop"]
    run.wait(run.random.uniform(0.5, 4))
    bring_back(run)


@scenario("broker-frozen", weight=2)
def broker_frozen(run):
    """A broker stands still, as in a long collection of garbage, and goes on."""
    needs_three(run)
    run.start("extract", "ingest", "batch")
    run.wait(run.random.uniform(2, 5))
    broker = run.random.choice(run.context.cluster.brokers)
    run.context.cluster.freeze(broker)
    run.blow("broker", f"broker {broker} frozen")
    run.wait(run.random.uniform(2, 14))
    run.context.cluster.thaw(broker)
    run.recover()


@scenario("majority-lost")
def majority_lost(run):
    """Two of three brokers die: nothing can be written until one is back, and nothing may be lost meanwhile."""
    needs_three(run)
    run.start("extract", "ingest", "batch")
    run.wait(run.random.uniform(2, 5))
    for broker in run.random.sample(run.context.cluster.brokers, 2):
        run.context.cluster.kill(broker)
    run.wait(run.random.uniform(5, 25))
    run.blow("broker", "two brokers of three come back", kind="outage")
    bring_back(run)
