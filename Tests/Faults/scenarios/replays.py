"""What was read is read again: by the group's offsets, by the replay command, from raw; and what is given up."""
from . import Skipped, scenario


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
