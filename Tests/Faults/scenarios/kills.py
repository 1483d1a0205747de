"""kill -9: at the named points, and at any moment."""
from . import clock, replays, scenario

PARTS = ("extract", "ingest", "batch")
# Points that a process passes once in its life, or once in a batch: there is no fifth visit.
RARE = (
    "extract.take_over", "extract.abort", "partition.", "snapshot.", "merge.", "mart.", "flip.", "replay.", "rejects.",
    "balance.", "log.", "loss.", "restore.",
)  # fmt: skip


def visit(random, point):
    return 1 if point.startswith(RARE) else random.randint(1, 6)


def is_armed(run, step):
    return any(fault.startswith(step) for fault in run.armed)


def draw_points(run):
    run.armed_later = run.turn(run.all_points, 3)
    if any(point.startswith("extract.") for point in run.armed_later):
        run.be_strict()  # or the overlap would mend what is lost there
    if any(point.startswith("page.") for point in run.armed_later):
        run.keeps_pages = True
    if any(point.startswith("rejects.") for point in run.armed_later):
        replays.bad_rows(run)
    if any(point.startswith("balance.") for point in run.armed_later):
        clock.needs_a_compiler(run)


def let_hours_pass(run):
    """What is extracted first was so two hours ago: those hours are over, and a batch can close them."""
    run.start_another("extract", "extract", environment=clock.behind(run, 7_200))
    run.start("ingest", "batch")
    run.wait(2)
    run.hold("extract")
    run.services["extract"].environment = {}
    run.release("extract")


@scenario("kill-at-points", weight=9, ci=True, prepare=draw_points)
def kill_at_points(run):
    """Each of three named points kills the process that reaches it."""
    run.armed = [f"{point}@{visit(run.random, point)}" for point in run.armed_later]
    balances, aborts = is_armed(run, "balance."), is_armed(run, "extract.abort")
    if balances:
        let_hours_pass(run)
    if balances and aborts:
        run.wait(run.random.uniform(5, 7))
        run.hold("extract", "ingest", "batch")
    if aborts:
        stand_in_a_transaction(run)
    elif not balances:
        run.start("extract", "ingest", "batch")
    run.wait(run.random.uniform(5, 7))
    # Points that only a command of an operator passes. What is given up comes last: nobody reads from before it again.
    for step, command in (
        ("replay.", replays.replay), ("rejects.", replays.retry_rejects), ("restore.", replays.withdraw),
        ("replay.skip", replays.skip), ("loss.", replays.lose),
    ):  # fmt: skip
        if is_armed(run, step):
            command(run)
    run.wait(run.random.uniform(5, 7))
    run.recover()


@scenario("kill-at-random", weight=5, ci=True)
def kill_at_random(run):
    """Several parts are killed, one after the other, at any moment."""
    run.start("extract", "ingest", "batch")
    for _ in range(run.random.randint(2, 4)):
        run.wait(run.random.uniform(0.5, 4))
        run.kill(run.random.choice(PARTS))
    run.recover()


@scenario("kill-all-at-once", weight=2, ci=True)
def kill_all_at_once(run):
    """Everything dies in the same instant, as when the machine loses its power."""
    run.start("extract", "ingest", "batch")
    run.wait(run.random.uniform(3, 7))
    for part in PARTS:
        process = run.process(part)
        if process is not None and process.is_running:
            process.kill()
            run.blow(part, "kill -9 of everything", kind="process")
    run.recover()


@scenario("kill-again-and-again")
def kill_again_and_again(run):
    """One part is killed as soon as it is back, many times over."""
    run.start("extract", "ingest", "batch")
    part = run.random.choice(("extract", "ingest"))
    run.wait(run.random.uniform(1, 3))
    for _ in range(run.random.randint(4, 8)):
        run.kill(part)
        run.wait(run.random.uniform(0.2, 1.5))
    run.recover()


@scenario("killed-while-it-stops")
def killed_while_it_stops(run):
    """SIGTERM first, kill -9 a moment later: the tidy end is cut short."""
    run.start("extract", "ingest", "batch")
    for part in ("ingest", "extract"):
        run.wait(run.random.uniform(1.5, 4))
        run.until(f"{part} runs", lambda part=part: run.process(part) is not None, 60)
        process = run.process(part)
        process.signal(15)
        process.was_told_to_stop = True
        run.wait(run.random.uniform(0.0, 0.15))
        if process.is_running:
            process.kill()
        run.blow(part, f"kill -9 of {part} while it stops", kind="process")
    run.recover()


def stand_in_a_transaction(run):
    """extract stands still inside a transaction until the coordinator has given it up, and goes on."""
    point = run.random.choice(("extract.send.after", "extract.cursor.after", "extract.commit.before"))
    run.armed.append(f"{point}@{run.random.randint(2, 8)}=stop")
    run.start_another("extract", "extract", settings=["kafka.properties.transaction.timeout.ms=3000"])
    run.start("batch")
    run.start_another("ingest", "ingest")
    run.until(f"extract stands at {point}", lambda: run.process("extract") and run.process("extract").is_stopped(), 60)
    run.armed = [fault for fault in run.armed if not fault.endswith("=stop")]
    extract = run.process("extract")
    run.stops += [place for action, place in extract.fault_points() if action == "stop"]
    # The coordinator looks for transactions past their time every 10 s.
    run.wait(run.random.uniform(13, 15))
    extract.thaw()
    run.blow("extract", "its transaction timed out")


@scenario("transaction-timed-out", weight=2)
def transaction_timed_out(run):
    """The coordinator aborts a transaction whose extractor stood still: published anew, once."""
    stand_in_a_transaction(run)
    run.recover()
