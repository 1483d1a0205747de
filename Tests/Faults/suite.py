"""Breaks the pipeline in every way it knows, run after run, and checks from outside that nothing was lost or doubled.

  scripts/faults [--runs N] [--seed S] [--first I] [--only SCENARIO,…] [--list] [--budget SECONDS] [--ci] [--brokers N]
                 [--keep DIR] [--patience SECONDS] [--configuration release|debug] [--program FILE --tool FILE]

Real processes (`retailflow simulate`, `extract`, `ingest`, `batch`) on a real Kafka cluster of N brokers (3), which is
started once; every run has topics, a group and a warehouse of its own. All choices of run I follow from the seed and I:
`--seed S --first I --runs 1` plays it again, with the same --ci, --only and --brokers. How the operating system times
it is not repeated.

--ci plays a fixed part. Exit codes: 0 all runs kept every promise; 1 some did not, or --ci has not played all of its
part; 77 there is no Kafka here, or no scenario could be played; 130 and 143 it was told to end.
"""
import argparse
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path

sys.dont_write_bytecode = True
import clusters
import invariants
import scenarios
import truth
from pipeline import Failed, Pipeline
from records import Kafka
from report import Report, RunResult

REPOSITORY = clusters.REPOSITORY
CI_SEED, CI_BUDGET = 1, 900


@dataclass
class Context:
    """What all runs share."""

    program: Path
    tool: Path
    cluster: clusters.Cluster
    kafka: Kafka
    patience: float
    directory: Path
    commands: set
    extra_clusters: dict = field(default_factory=dict)


class Interrupted(BaseException):
    """The suite itself was told to end: no run catches this, and everything is cleaned up."""


def interrupted(number, _):
    raise Interrupted(signal.Signals(number))


def main():
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupted)
    scenarios.load()
    given = arguments()
    if given.list:
        for scenario in scenarios.TABLE:
            print(f"{scenario.name:34s} {(scenario.play.__doc__ or '').strip().splitlines()[0] if scenario.play.__doc__ else ''}")
        return 0
    if clusters.home() is None:
        print("faults: skipped: no Apache Kafka; set KAFKA_HOME", file=sys.stderr)
        return 77
    program, tool = (given.program, given.tool) if given.program and given.tool else built(given.configuration)
    points = named_points(program)
    seed = given.seed if given.seed is not None else (CI_SEED if given.ci else random.SystemRandom().randrange(2**31))
    print(f"faults: seed {seed}, {given.runs} runs, {given.brokers} brokers, {program}", flush=True)
    workplace = Path(given.keep or tempfile.mkdtemp(prefix="retailflow-faults.")).resolve()
    workplace.mkdir(parents=True, exist_ok=True)
    cluster = clusters.Cluster(workplace / "kafka", given.brokers)
    report = Report(command(given, seed), seed, points, scenarios.api.ALONE)
    started, context, told = time.monotonic(), None, None
    try:
        cluster.up()
        context = Context(program, tool, cluster, Kafka(tool, cluster.servers), given.patience, workplace,
                          commands(program))
        plan = Plan(seed, points, given.only, given.ci)
        for index in range(given.first, given.first + given.runs):
            if given.budget and time.monotonic() - started > given.budget:
                print(f"faults: the budget of {given.budget} s is spent after {len(report.results)} runs")
                break
            report.add(play(context, plan, seed, index, given.keep is not None))
            cluster.heal()
    except Interrupted as signalled:
        told = signalled
        print(f"faults: {told.args[0].name}: cleaning up", file=sys.stderr, flush=True)
    finally:
        for extra in context.extra_clusters.values() if context else ():
            extra.destroy()
        cluster.destroy()
    complete = len(report.results) >= 200 and not given.only
    failures = report.finish(given.runs, must_play_all=given.ci and not told, is_complete=complete)
    if not failures and given.keep is None:
        shutil.rmtree(workplace, ignore_errors=True)
    if told:
        return 128 + told.args[0]
    return 1 if failures else 77 if all(result.skipped for result in report.results) else 0


def arguments(words=None):
    parser = argparse.ArgumentParser(
        prog="scripts/faults", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, metavar="N", help="how many runs (20; --ci: each scenario of its part once)")
    parser.add_argument("--seed", type=int, metavar="S", help="from which all choices follow (random; --ci: 1)")
    parser.add_argument("--first", type=int, default=0, metavar="I", help="begins with run I (0)")
    parser.add_argument("--only", metavar="SCENARIO,…", help="plays nothing else")
    parser.add_argument("--list", action="store_true", help="names the scenarios")
    parser.add_argument("--budget", type=float, metavar="SECONDS", help="begins no run after so long")
    parser.add_argument("--ci", action="store_true", help="a fixed part")
    parser.add_argument("--brokers", type=int, default=3, choices=(1, 3), metavar="N", help="1 or 3 (3)")
    parser.add_argument("--keep", metavar="DIR", help="works in DIR and leaves everything there")
    parser.add_argument("--patience", type=float, default=90, metavar="SECONDS",
                        help="how long a new row may take before it counts as none (90)")
    parser.add_argument("--configuration", choices=("release", "debug"),
                        help="which build (release; --ci: debug)")
    parser.add_argument("--program", type=Path, metavar="FILE", help="a built retailflow; together with --tool")
    parser.add_argument("--tool", type=Path, metavar="FILE", help="a built RecordTool")
    given = parser.parse_args(words)
    given.only = given.only.split(",") if given.only else []
    if unknown := set(given.only) - {scenario.name for scenario in scenarios.TABLE}:
        parser.error(f"no such scenario: {' '.join(sorted(unknown))}; --list names them")
    given.configuration = given.configuration or ("debug" if given.ci else "release")
    given.runs = given.runs or (sum(scenario.ci for scenario in scenarios.TABLE) if given.ci else 20)
    given.budget = given.budget or (CI_BUDGET if given.ci else None)
    return given


def command(given, seed):
    """What plays the same runs again: a run's scenario follows from the seed and from the selection."""
    words = ["scripts/faults", "--seed", str(seed)]
    words += ["--ci"] * given.ci + ["--only", ",".join(given.only)] * bool(given.only)
    return " ".join([*words, "--brokers", str(given.brokers), "--configuration", given.configuration])


def built(configuration):
    """The program and RecordTool, built if need be."""
    swift = ["swift", "build", "--package-path", str(REPOSITORY), "-c", configuration]
    for product in ("retailflow", "RecordTool"):
        done = subprocess.run([*swift, "--product", product], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            print(done.stdout, file=sys.stderr)
            raise SystemExit(f"faults: {product} does not build")
    place = Path(subprocess.run([*swift, "--show-bin-path"], check=True, capture_output=True, text=True).stdout.strip())
    return place / "retailflow", place / "RecordTool"


def named_points(program):
    """Every named point of the program, each with its two sides, as the program itself tells."""
    done = subprocess.run(
        [program, "--version"], env={**os.environ, "RETAILFLOW_FAULT": "what.there.is"}, capture_output=True, text=True)
    steps = re.search(r"with a step of: (.+)", done.stderr)
    if not steps:
        raise SystemExit(f"faults: {program} does not name its points")
    return [f"{step}.{side}" for step in steps[1].split() for side in ("before", "after")]


def commands(program):
    """The commands that this build has."""
    done = subprocess.run([program, "help"], capture_output=True, text=True)
    return set(re.findall(r"(?m)^ +([a-z]+) +[A-Z]", done.stdout))


class Plan:
    """Which scenario run I plays, and which points it meets: the same for the same seed."""

    def __init__(self, seed, points, only, ci):
        self.seed, self.points = seed, points
        chosen = [scenarios.by_name(name) for name in only] or [s for s in scenarios.TABLE if s.ci or not ci]
        self.round = [scenario for scenario in chosen for _ in range(1 if only or ci else scenario.weight)]
        self.shuffled = {}

    def scenario(self, index):
        number, place = divmod(index, len(self.round))
        return self.order("round", number, self.round)[place]

    def order(self, name, number, things):
        """The things in the order of their n-th shuffling."""
        if (name, number) not in self.shuffled:
            order = list(things)
            random.Random(f"{self.seed}:{name}:{number}").shuffle(order)
            self.shuffled[(name, number)] = order
        return self.shuffled[(name, number)]

    def turn(self, index, things, count):
        """The next things of a shuffled deck that holds each once, then of the next deck: over all runs of the
        scenario that run I plays, each thing gets its turn."""
        name = self.scenario(index).name
        before = sum(self.scenario(i).name == name for i in range(index))
        chosen = []
        for card in range(before * count, (before + 1) * count):
            number, place = divmod(card, len(things))
            chosen.append(self.order(name, number, things)[place])
        return chosen


def play(context, plan, seed, index, keep):
    scenario = plan.scenario(index)
    result = RunResult(index, scenario.name)
    name = f"s{seed}r{index}x{int(time.time())}"
    directory = context.directory / f"run-{index:03d}-{scenario.name}"
    shutil.rmtree(directory, ignore_errors=True)
    result.directory = str(directory)
    run = Pipeline(context, directory, random.Random(f"{seed}:{index}"), name)
    run.all_points = plan.points
    run.turn = lambda things, count=1: plan.turn(index, things, count)
    started = time.monotonic()
    try:
        if scenario.prepare:
            scenario.prepare(run)
        run.prepare()
        scenario.play(run)
        context.cluster.heal()
        run.settle()
        examine(run, result)
    except scenarios.Skipped as reason:
        result.skipped = str(reason)
    except Failed as failure:
        run.violations.append(str(failure))
    except Exception:  # a fault of the suite itself is one of this run, not the end of all
        run.violations.append("the suite itself: " + traceback.format_exc().strip().replace("\n", " | ")[-600:])
    finally:
        run.end()
        result.seconds = time.monotonic() - started
        result.violations, result.blows = run.violations, run.blows
        result.points, result.stops, result.restarts = run.points, run.stops, run.restarts
        result.notes, result.api_faults = run.notes, run.api_faults
    tidy(run, result, keep)
    return result


def examine(run, result):
    """The invariants, on what everything has come to."""
    served = truth.listed(run)
    write_truth(run.directory, served)
    records = {**run.deleted, **run.kafka.dump(run.topic)}
    offsets = run.kafka.offsets(run.topic, run.group)
    for warehouse in (run.warehouse, *run.other_warehouses):
        evidence = invariants.Evidence(
            warehouse=warehouse, sales=served.sales, products=served.products, customers=served.customers,
            records=records, offsets=offsets, by_hand=run.extra_payloads, given_up=run.given_up,
            outdated=run.outdated_payloads, is_strict=run.is_strict)
        found = invariants.check(evidence)
        run.violations += found if warehouse == run.warehouse else [f"second warehouse: {text}" for text in found]
    result.sales = len(served.sales)
    result.refused = sum(invariants.judged(row) is None for row in served.sales)
    if not run.watch.sales():
        run.violations.append("no progress: ods has no sale")


def write_truth(directory, served):
    place = directory / "truth"
    place.mkdir()
    for name in ("sales", "products", "customers"):
        (place / f"{name}.jsonl").write_bytes(b"".join(row + b"\n" for row in getattr(served, name)))


def tidy(run, result, keep):
    """Topics pile up on the brokers; a run that went well leaves nothing behind."""
    try:
        run.kafka.delete_topics([run.topic, run.state_topic])
    except Exception:  # they were perhaps never made
        pass
    if not keep and not result.violations:
        shutil.rmtree(run.directory, ignore_errors=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Interrupted as told:  # before there was anything to clean up, or once more
        sys.exit(128 + told.args[0])
