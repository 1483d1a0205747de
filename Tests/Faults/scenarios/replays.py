"""What was read is read again: by the group's offsets, by the replay command, from raw; and what is given up."""
from . import Skipped, scenario

WITHDRAWN_ID = 7_000_000_000_000_000_000  # beyond every sale of the API


def needs(run, command):
    if command not in run.context.commands:
        raise Skipped(f"this build has no command {command}")


def earlier_places(run):
    """For some partitions a place before the group's own."""
    places = {}
    for partition, place in run.kafka.offsets(run.topic, run.group).items():
        if place["committed"] and run.random.random() < 0.8:
            places[partition] = run.random.randint(0, place["committed"])
    return places


@scenario("offsets-reset", ci=True)
def offsets_reset(run):
    """The group's offsets are set back as Kafka's own tools do it, and ingest is killed while it reads again."""
    run.start("extract", "ingest", "batch")
    run.wait(run.random.uniform(3, 6))
    run.stop_for_a_while("ingest")
    run.kafka.set_offsets(run.topic, run.group, earlier_places(run))
    run.release("ingest")
    run.wait(run.random.uniform(0, 1))
    run.kill("ingest")
    run.recover()


def replay(run):
    """Some replay, while ingest stands still; what it does may be killed and is done again."""
    run.stop_for_a_while("ingest")
    kinds = [["--to", "earliest"], ["--from-raw"]]
    if places := earlier_places(run):
        kinds.append([word for partition, offset in places.items() for word in ("--to-offset", f"{partition}:{offset}")])
    chosen = kinds[0] if any(fault.startswith("replay.alter") for fault in run.armed) else run.random.choice(kinds)
    run.notes.append("replay " + " ".join(chosen))
    # It says 75 until the group has noticed that its last member has left.
    run.once("replay", ["replay", *chosen])
    run.blow("ingest", "replay " + " ".join(chosen))
    run.release("ingest")


def skip(run):
    """One record is given up, with extract and ingest standing still."""
    run.stop_for_a_while("extract", "ingest")
    run.once("ingest", ["ingest", "--until-end"])  # nothing else may lie before the record
    partition = run.random.randrange(4)
    place = run.kafka.produce(run.topic, [{"value": b"given up", "partition": partition}])[0]
    run.given_up.add((place["partition"], place["offset"]))
    run.outdated_payloads.add(b"given up")
    run.once("replay", ["replay", "--skip-to", f"{partition}:{place['offset'] + 1}"])
    run.blow("ingest", "a record was given up")
    run.release("extract", "ingest")


def lose(run):
    """Kafka deletes records that nobody has read, and an operator accepts it, with extract and ingest standing still."""
    run.stop_for_a_while("extract", "ingest")
    run.once("ingest", ["ingest", "--until-end"])  # nothing that matters is lost
    partition = run.random.randrange(4)
    places = run.kafka.produce(run.topic, [{"value": b"lost", "partition": partition}] * run.random.randint(1, 5))
    run.given_up.update((place["partition"], place["offset"]) for place in places)
    run.outdated_payloads.add(b"lost")
    run.deleted.update(run.kafka.dump(run.topic))
    run.kafka.delete_records(run.topic, partition, places[-1]["offset"] + 1)
    if run.attempt("ingest", ["ingest", "--until-end"], run.context.patience) != 65:
        run.violations.append("ingest does not end with 65 where Kafka has lost what it had not read")
    run.once("ingest", ["ingest", "--until-end", "--accept-loss"])
    run.blow("ingest", "a loss was accepted")
    run.release("extract", "ingest")


def withdraw(run):
    """What another program took for a sale is none for this one: its content of before comes back."""
    run.stop_for_a_while("extract", "ingest")
    run.once("ingest", ["ingest", "--until-end"])
    number, partition = WITHDRAWN_ID, run.random.randrange(4)
    # In UTC there is no such time: its year has five digits.
    values = [
        b'{"id":%d,"datetime":"%s","items":[{"product_sku":"by-hand","quantity":1,"amount":2}]}' % (number, time)
        for time in (b"2024-03-01T10:00:00", b"9999-12-31T23:30:00-01:00")
    ]  # fmt: skip
    for version, value in enumerate(values, 1):
        run.kafka.produce(run.topic, [{"value": value, "partition": partition, "headers": {"version": b"%d" % version}}])
    run.extra_payloads += values
    armed, run.armed = run.armed, []
    run.once("ingest", ["ingest", "--until-end"], settings=["api.time_zone=Etc/GMT+1"])
    run.armed = armed
    run.once("replay", ["replay", "--to", "earliest"])
    run.blow("ingest", "a sale was withdrawn")
    run.release("extract", "ingest")


@scenario("records-lost", weight=2)
def records_lost(run):
    """Kafka deletes records that were not read: ingest says so, stops, and goes on when the loss is accepted."""
    run.start("extract", "ingest", "batch")
    run.wait(run.random.uniform(3, 5))
    lose(run)
    run.recover()


@scenario("sale-withdrawn", weight=2, prepare=lambda run: needs(run, "replay"))
def sale_withdrawn(run):
    """Read again, a sale's last content is refused, and raw is searched for the one before; ingest is killed at it."""
    run.start("extract", "ingest", "batch")
    run.wait(run.random.uniform(3, 5))
    withdraw(run)
    run.wait(run.random.uniform(0, 1))
    run.kill("ingest")
    run.recover()


@scenario("replayed", weight=2, ci=True, prepare=lambda run: needs(run, "replay"))
def replayed(run):
    """retailflow replay, by offsets and from raw, and ingest killed behind it."""
    run.start("extract", "ingest", "batch")
    run.wait(run.random.uniform(3, 6))
    replay(run)
    run.wait(run.random.uniform(0, 1))
    run.kill("ingest")
    run.recover()


@scenario("record-given-up", prepare=lambda run: needs(run, "replay"))
def record_given_up(run):
    """retailflow replay --skip-to passes over one record and nothing else."""
    run.start("extract", "ingest", "batch")
    run.wait(run.random.uniform(3, 5))
    skip(run)
    run.recover()


def retry_rejects(run):
    """Records that were refused are judged again."""
    run.stop_for_a_while("ingest")
    run.once("rejects", ["rejects", "retry"])
    run.blow("ingest", "rejects judged again")
    run.release("ingest")


def bad_rows(run):
    run.row_faults = run.row_faults + ["sales/row-types@every:41"]


def with_bad_rows(run):
    needs(run, "rejects")
    bad_rows(run)


@scenario("rejects-retried", prepare=with_bad_rows)
def rejects_retried(run):
    """retailflow rejects retry between two ingests: nothing moves that is still wrong."""
    run.start("extract", "ingest", "batch")
    run.wait(run.random.uniform(3, 6))
    retry_rejects(run)
    run.recover()
