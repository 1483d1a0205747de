"""What the runs have shown: one line per run while they go, and the sum at the end."""
import math
from collections import Counter
from dataclasses import dataclass, field


# Seconds within which the first new row must follow 99 of 100 kills.
KILL_SECONDS_MAX = 20


@dataclass
class RunResult:
    index: int
    scenario: str
    seconds: float = 0.0
    sales: int = 0
    refused: int = 0
    violations: list = field(default_factory=list)
    skipped: str = ""
    blows: list = field(default_factory=list)
    points: list = field(default_factory=list)
    stops: list = field(default_factory=list)
    api_faults: list = field(default_factory=list)
    restarts: dict = field(default_factory=dict)
    notes: list = field(default_factory=list)
    directory: str = ""

    @property
    def outcome(self):
        return "skipped" if self.skipped else ("FAILED" if self.violations else "ok")


class Report:
    def __init__(self, command, seed, all_points, all_api_faults):
        self.command = command  # with all that decides what run I is, but for I
        self.seed, self.all_points, self.all_api_faults = seed, all_points, all_api_faults
        self.results = []

    def add(self, result):
        self.results.append(result)
        times = [blow.seconds for blow in result.blows if blow.seconds is not None]
        slowest = f", back after at most {max(times):.1f} s" if times else ""
        print(
            f"run {result.index:3d} {result.scenario:32s} {result.outcome:7s} {result.seconds:5.1f} s, "
            f"{result.sales} sales, {len(result.blows)} faults{slowest}"
            + (f"; {result.skipped}" if result.skipped else ""),
            flush=True,
        )  # fmt: skip
        for violation in result.violations:
            print(f"    {violation}", flush=True)
        for note in result.notes:
            print(f"    note: {note}", flush=True)

    def finish(self, planned, must_play_all, is_complete):
        """Prints the sum; the number of failures. Of a complete selection more is asked: that every point has killed a
        process, and that the kills were over soon enough."""
        results = self.results
        failed = [result for result in results if result.violations]
        print(f"\nseed {self.seed}: {len(results)} of {planned} runs, {len(failed)} failed")
        print("\nruns by scenario:")
        for name, count in sorted(Counter(result.scenario for result in results).items()):
            outcomes = Counter(result.outcome for result in results if result.scenario == name)
            print(f"  {count:4d} {name}: " + ", ".join(f"{n} {what}" for what, n in sorted(outcomes.items())))
        points = Counter(point for result in results for point in result.points)
        stops = Counter(point for result in results for point in result.stops)
        print("\nkills at named points:")
        for point in self.all_points:
            print(f"  {points[point]:4d} {point}" + (f", and {stops[point]} stopped there" if stops[point] else ""))
        missing = [point for point in self.all_points if not points[point]]
        print(f"  {len(self.all_points) - len(missing)} of {len(self.all_points)} points have killed a process")
        self.api_faults()
        slow = self.times()
        restarts = Counter()
        for result in results:
            restarts.update(result.restarts)
        if restarts:
            print("\nrestarted after an exit that may be tried again: "
                  + ", ".join(f"{name} ({count}x)" for name, count in sorted(restarts.items())))
        failures = len(failed)
        if must_play_all and len(results) < planned:
            print(f"\nFAILED: only {len(results)} of {planned} runs were played")
            failures += 1
        if is_complete and missing:
            print(f"\nFAILED: nothing was killed at: {' '.join(missing)}")
            failures += 1
        if is_complete and slow:
            print(f"\nFAILED: p99 is {KILL_SECONDS_MAX} s or more: {', '.join(slow)}")
            failures += 1
        if failed:
            print("\nfailed runs:")
            for result in failed:
                print(f"  {self.command} --first {result.index} --runs 1   # {result.scenario}")
                for violation in result.violations[:3]:
                    print(f"      {violation}")
                print(f"      its logs, warehouse and truth: {result.directory}")
        sales = sum(result.sales for result in results)
        refused = sum(result.refused for result in results)
        verdict = "none lost, none double, mart as recomputed"
        if failures:
            verdict = f"{failures} FAILURES"
        elif all(result.skipped for result in results):
            verdict = "nothing was played"
        elif len(results) < planned:
            verdict += f" in the {len(results)} runs that were played"
        print(f"\n{sales} sales served, {refused} of them refused with a reason; {verdict}")
        return failures

    def api_faults(self):
        alone = Counter(fault for result in self.results for fault in result.api_faults if len(result.api_faults) == 1)
        every = Counter(fault for result in self.results for fault in result.api_faults)
        print("\nAPI faults, alone and with others:")
        for fault in self.all_api_faults:
            print(f"  {alone[fault]:4d} {every[fault] - alone[fault]:4d} {fault}")
        played = sum(alone[fault] > 0 for fault in self.all_api_faults)
        print(f"  {played} of {len(self.all_api_faults)} were played alone")

    def times(self):
        """Prints how long the first new row took; the names of the kills for which that was too long. A fault that was
        followed by another one before that row counts with the whole time, which is no less than its own."""
        blows = [blow for result in self.results for blow in result.blows if blow.seconds is not None]
        print("\nseconds from a fault to the first new row (of a sale served after it; of a batch: its next mart):")
        slow = []
        for kind, name in [
            ("process", "kills of processes"), ("broker", "brokers killed"),
            ("outage", "after an outage of the cluster"), ("other", "other faults"),
        ]:  # fmt: skip
            times = sorted(blow.seconds for blow in blows if blow.kind == kind)
            if not times:
                continue
            p99 = percentile(times, 99)
            print(f"  {name}: {len(times)} measured, p50 {percentile(times, 50):.1f}, p99 {p99:.1f}, max {times[-1]:.1f}")
            if kind in ("process", "broker") and p99 >= KILL_SECONDS_MAX:
                slow.append(name)
        return slow


def percentile(ordered, percent):
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]
