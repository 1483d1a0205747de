"""The real processes of one run, kept going as a supervisor would, until a scenario does something to them."""
import math
import os
import re
import socket
import sqlite3
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from processes import Process, wait_for_end
from watch import Blow, Watch

REPOSITORY = Path(__file__).resolve().parents[2]
RETRIABLE = {69: "unreachable", 74: "input or output", 75: "try again"}
FENCED = 80
TICK = 0.05
SHAPES = ("array", "data", "items", "data+total", "items+total")


class Failed(Exception):
    """The run cannot go on: what happened is a violation."""


class Service:
    """A part of the pipeline that shall run: its command, and its process of the moment."""

    def __init__(self, name, arguments, again_after=None, settings=(), warehouse=None):
        self.name, self.arguments = name, arguments
        self.settings, self.warehouse = settings, warehouse
        self.again_after = again_after  # seconds until a part that ends by itself begins anew
        self.environment = {}
        self.process = None
        self.is_wanted = True
        self.start_at = 0.0


class Pipeline:
    page_rows = 25

    def __init__(self, context, directory, random, name):
        self.context, self.random, self.name = context, random, name
        self.directory = Path(directory)
        self.directory.mkdir(parents=True)
        self.warehouse = self.directory / "warehouse"
        self.topic, self.state_topic, self.group = f"{name}.sales", f"{name}.state", f"{name}.ingest"
        self.servers = context.cluster.servers
        self.kafka = context.kafka
        self.port = free_port()
        self.rate = 120
        self.data_seed = random.randrange(1, 10**6)
        self.is_strict, self.row_faults = False, ["sales/change@every:7", "sales/late@every:11"]
        if random.random() < 0.5:
            self.be_strict()
        # Half of the ingests have a name in their group: they come back without a rebalance.
        self.instance_id = f"{name}.1" if random.random() < 0.5 else None
        # Half of the extractions keep every page as a file.
        self.keeps_pages = random.random() < 0.5
        self.page_faults = []
        self.api_faults = []  # for the report
        # Every run has an API with manners of its own: what is around the rows, and whether it begins behind the start.
        self.shape, self.starts_behind = random.choice(SHAPES), random.random() < 0.5
        self.settings = []
        self.services = {}
        self.simulator = None
        self.simulator_started = 0.0
        self.armed = []  # faults that the next processes carry
        self.blows = []
        self.points = []  # named points at which a process was killed
        self.stops = []  # those at which one was stopped and went on
        self.restarts = {}
        self.tolerated = {}  # {(service, exit code): pattern of the last line with which it is right here}
        self.ends = []  # (service, exit code) of every process that ended
        self.violations = []
        self.extra_payloads = []  # records that were put into the topic by hand
        self.outdated_payloads = set()  # of these, those that come before what the API serves
        self.deleted = {}  # what Kafka has deleted of the topic, as suite.examine knows records
        self.given_up = set()  # their places, as far as they were passed over on purpose
        self.notes = []
        self.may_be_fenced, self.fenced = False, []
        self.other_warehouses = []  # of further ingests of the group
        self.repaired = {}  # {row as the API serves it: row as an operator has repaired it}
        self.repaired_pages = set()
        self.before_next_try = []  # what an operator does before a command of the end is tried again
        self.before_last_ingest = []  # what is done when extraction can mend nothing any more
        self.clean_up = []  # what has to be undone in the end
        self.stood_since = None  # since when an operator has parts stand still
        self.is_settling = False
        self.inspect_share = 0.3
        self.inspections = 0
        self.watch = Watch(self.warehouse)

    def be_strict(self):
        """No sale changes or comes late, and nothing is asked for again: what extraction loses stays lost, and every
        sale has to be in the topic exactly once. In the other runs the overlap spans the whole run."""
        self.is_strict, self.row_faults = True, []

    def use_warehouse(self, directory):
        self.warehouse = directory
        self.watch = Watch(directory)

    # ---- the beginning

    def prepare(self):
        self.make_topics()
        self.start_simulator()
        self.once("batch")

    def make_topics(self):
        declarations = self.directory / "topics"
        declarations.mkdir()
        for declared, name in [("retail.sales.v1", self.topic), ("retail.extract.state.v1", self.state_topic)]:
            text = (REPOSITORY / "topics" / f"{declared}.yaml").read_text()
            (declarations / f"{name}.yaml").write_text(text.replace(f"name: {declared}", f"name: {name}"))
        self.once("topics", ["topics", "apply", "--directory", str(declarations)])

    def start_simulator(self, sales=10_000_000, rate=True, faults=None):
        arguments = ["simulate", "--port", str(self.port), "--sales", str(sales), "--seed", str(self.data_seed)]
        arguments += ["--shape", self.shape, "--start", "exclusive" if self.starts_behind else "inclusive"]
        if rate:
            arguments += ["--rate", str(self.rate)]
        # Faults of rows first: which rows they hit must not depend on what else goes wrong.
        for fault in self.row_faults + (self.page_faults if faults is None else faults):
            arguments += ["--fault", fault]
        self.simulator_started = self.simulator_started or time.monotonic()
        self.simulator = Process(
            "simulate", [self.context.program, *arguments], self.directory / "simulate.log", self.environment())
        deadline = time.monotonic() + 30
        while not listens(self.port):
            if not self.simulator.is_running or time.monotonic() > deadline:
                raise Failed(f"the simulator does not serve: {last_line(self.simulator)}")
            self.simulator.wait(0.02)

    def stop_simulator(self):
        self.simulator.terminate()
        if self.simulator.wait(10) != 0:
            self.violations.append("the simulator does not end at SIGTERM")
            self.simulator.kill()

    def environment(self):
        variables = {"RETAILFLOW_API_KEY": "faults-key"}
        if self.armed:
            variables["RETAILFLOW_FAULT"] = ",".join(self.armed)
        return variables

    def command(self, arguments, warehouse=None, settings=()):
        page = 250 if arguments[0] == "batch" else self.page_rows
        pairs = [
            f"api.base_url=http://127.0.0.1:{self.port}", f"kafka.bootstrap_servers={self.servers}",
            f"kafka.sales_topic={self.topic}", f"kafka.state_topic={self.state_topic}", f"kafka.group={self.group}",
            f"warehouse.url=sqlite:{warehouse or self.warehouse}", f"api.page_size={page}",
            "api.backoff_seconds=0.2", "api.timeout_seconds=3", "extract.poll_seconds=0.2",
            "extract.start_sales_id=1", f"extract.overlap_sales={0 if self.is_strict else 1_000_000}",
            "log.format=text",
        ]  # fmt: skip
        if self.keeps_pages:
            pairs.append(f"extract.archive_directory={self.directory / 'pages'}")
        if self.instance_id and arguments[0] == "ingest" and warehouse in (None, self.warehouse):
            pairs.append(f"ingest.instance_id={self.instance_id}")
        words = [word for pair in [*pairs, *self.settings, *settings] for word in ("--set", pair)]
        return [self.context.program, *words, *arguments]

    # ---- the parts that run

    COMMANDS = {
        "extract": (["extract", "--endpoint", "sales", "--follow"], None),
        "ingest": (["ingest", "--follow"], None),
        "batch": (["batch"], 1.0),
    }

    def start(self, *names):
        for name in names:
            self.start_another(name, name)
        self.flow(*names)

    def flow(self, *names):
        """Goes on until sales arrive: what is broken before that breaks nothing."""
        warehouses = {self.services[name].warehouse or self.warehouse for name in names if name.startswith("ingest")}
        for warehouse in warehouses:
            watch = Watch(warehouse)
            self.until(f"the first sale in {warehouse.name}", lambda: watch.sales() > 0, self.context.patience)

    def start_another(self, name, kind, settings=(), warehouse=None, environment=None):
        """A part under a name of its own: a second extract, an ingest into another warehouse."""
        arguments, again_after = self.COMMANDS[kind]
        self.services[name] = Service(name, arguments, again_after, settings, warehouse)
        self.services[name].environment = environment or {}
        self.launch(self.services[name])

    def launch(self, service):
        service.process = Process(
            service.name, self.command(service.arguments, service.warehouse, service.settings),
            self.directory / f"{service.name}.log", {**self.environment(), **service.environment})

    def hold(self, *names):
        """kill -9, and not started again before `release`."""
        for name in names:
            service = self.services[name]
            service.is_wanted = False
            if service.process is not None:
                service.process.kill()
                service.process = None

    def stop_for_a_while(self, *names):
        """SIGTERM, waited for, and not started again before `release`. An operator does that: the time between counts for
        no fault."""
        self.stood_since = self.stood_since or time.time()
        for name in names:
            self.dismiss(name)

    def release(self, *names):
        for name in names:
            self.services[name].is_wanted = True
            self.services[name].start_at = 0.0
        if self.stood_since:
            now = time.time()
            for blow in self.blows:
                if blow.seconds is None and blow.layer == "ods":
                    blow.time += now - max(blow.time, self.stood_since)
            self.stood_since = None

    def dismiss(self, name, kill=False):
        """A part ends for good: tidily, or killed."""
        service = self.services[name]
        service.is_wanted = False
        if service.process is None:
            return
        if not kill:
            service.process.thaw()
            service.process.terminate()
            deadline = time.monotonic() + self.context.patience
            while service.process is not None and time.monotonic() < deadline:
                self.tick()
                self.rest()
        if service.process is not None:
            if not kill:
                self.violations.append(f"{name} does not end at SIGTERM")
            service.process.kill()
            service.process = None

    def attempt(self, name, arguments, seconds):
        """The exit code of a command that is not expected to succeed; None when it still waits after so long."""
        variables = {"RETAILFLOW_API_KEY": self.environment()["RETAILFLOW_API_KEY"]}
        process = Process(name, self.command(arguments), self.directory / f"{name}.log", variables)
        deadline = time.monotonic() + seconds
        while process.is_running and time.monotonic() < deadline:
            self.tick()
            self.rest()
        code = process.code
        process.kill()
        return code

    def process(self, name):
        return self.services[name].process

    def rest(self):
        """Until a process ends that has to be looked after, or for a moment."""
        running = [service.process.popen.pid for service in self.services.values() if service.process]
        wait_for_end(running, TICK)

    def tick(self):
        """Looks after everything once."""
        now = time.time()
        for service in list(self.services.values()):
            process = service.process
            if process is not None and process.code is not None:
                service.process = None
                self.ended(service, process)
            if service.process is None and service.is_wanted and service.start_at <= now:
                self.launch(service)
        self.watch.close(self.blows, time.time())

    def wait(self, seconds):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.tick()
            self.rest()

    def until(self, what, condition, seconds):
        """Goes on until it is so; Failed when it is not after so long."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise Failed(f"not within {seconds:.0f} s: {what}")
            self.tick()
            self.rest()

    def ended(self, service, process):
        """A process is no more: why, and what follows."""
        code = process.code
        self.ends.append((service.name, code))
        service.start_at = time.time() + (service.again_after or 0.3)
        if code == 0:
            if service.again_after is None and not process.was_told_to_stop:
                self.violations.append(f"{service.name} ended by itself with 0 though it follows")
        elif code == -9:
            self.note_points(service, process)
        elif code == FENCED and self.may_be_fenced:
            self.fenced.append(service.name)
            service.is_wanted = False
        elif self.is_tolerated(service.name, process):
            service.start_at = time.time() + 0.5
        elif code in RETRIABLE:
            key = f"{service.name} {code}"
            self.restarts[key] = self.restarts.get(key, 0) + 1
            service.start_at = time.time() + 1.0
        else:
            service.is_wanted = False
            self.violations.append(f"{service.name} ended with {code}: {last_line(process)}")

    def is_tolerated(self, name, process):
        """Whether a scenario expects that end: the code, and what is said last."""
        pattern = self.tolerated.get((name, process.code))
        return pattern is not None and re.search(pattern, last_line(process)) is not None

    def note_points(self, service, process):
        """A kill at a named point: counted, not to come again, and from now on the time runs."""
        killed = [point for action, point in process.fault_points() if action == "kill"]
        for point in killed:
            self.points.append(point)
            self.armed = [fault for fault in self.armed if fault.partition("@")[0] != point]
            if not self.is_settling:
                self.blow(service.name, f"kill at {point}", os.stat(process.log).st_mtime, kind="process")
        if killed and service.name == "ingest":
            self.inspect()

    # ---- what is done to them

    def blow(self, name, what, at=None, kind="other"):
        layer = "mart" if name == "batch" else "ods"
        generation = self.watch.generation() if layer == "mart" else 0
        self.blows.append(Blow(what, at or time.time(), kind, layer, generation))

    def kill(self, name):
        """kill -9, now; waits until there is something to kill."""
        self.until(f"{name} runs", lambda: self.process(name) is not None and self.process(name).is_running, 60)
        process = self.process(name)
        process.kill()
        self.blow(name, f"kill -9 {name}", kind="process")
        if name == "ingest":
            self.inspect()

    def inspect(self):
        """Sometimes: looks at the offsets while the ingest is dead. The time of the look does not count."""
        if self.random.random() >= self.inspect_share or self.is_settling:
            return
        self.inspections += 1
        from invariants import offsets_behind_data  # only here: it needs the whole machinery

        before = time.time()
        try:
            committed = self.kafka.offsets(self.topic, self.group)
        except Exception:  # a broker is away: nothing to be seen now
            committed = {}
        self.violations += [f"while ingest was dead: {v}" for v in offsets_behind_data(self.warehouse, committed)]
        spent = time.time() - before
        for blow in self.blows:
            if blow.seconds is None:
                blow.time += spent

    def recover(self, seconds=None):
        """Goes on until every fault has been followed by a new row."""
        seconds = seconds or self.context.patience
        try:
            self.until("a new row", lambda: all(blow.seconds is not None for blow in self.blows), seconds)
        except Failed:
            for blow in self.blows:
                if blow.seconds is None:
                    self.violations.append(f"no new row within {seconds:.0f} s after: {blow.what}")
                    blow.seconds = math.inf

    # ---- the end

    def settle(self):
        """Everything finishes: what is extracted, read and rebuilt is all that there is."""
        self.is_settling = True
        self.stop_services()
        visible = math.ceil((time.monotonic() - self.simulator_started) * self.rate) + 1
        self.stop_simulator()
        self.sales_count = visible
        self.start_simulator(sales=visible, rate=False, faults=[])
        self.make_everything_visible()
        # Points that have not come yet get their last chance: at the first visit.
        self.armed = [f"{fault.partition('@')[0]}@1" for fault in self.armed]
        self.once("extract", ["extract", "--endpoint", "sales"])
        for act in self.before_last_ingest:
            act()
        self.once("ingest", ["ingest", "--until-end"])
        self.once("batch")
        for warehouse in self.other_warehouses:
            self.once("ingest", ["ingest", "--until-end"], warehouse=warehouse)
            self.once("batch", warehouse=warehouse)

    def stop_services(self):
        for service in self.services.values():
            service.is_wanted = False
            if service.process is None:
                continue
            service.process.thaw()
            if service.again_after is None:
                service.process.terminate()
        for service in self.services.values():
            process = service.process
            if process is None:
                continue
            code = process.wait(self.context.patience)
            service.process = None
            if code is None:
                self.violations.append(f"{service.name} does not end at SIGTERM within {self.context.patience:.0f} s")
                process.kill()
            elif code == -9:
                self.ends.append((service.name, code))
                self.note_points(service, process)
            elif code != 0 and code not in RETRIABLE and not self.is_tolerated(service.name, process):
                self.violations.append(f"{service.name} ended with {code}: {last_line(process)}")

    def once(self, name, arguments=None, settings=(), warehouse=None, tries=25):
        """Runs a command to its end, again as long as it says that it may be tried again."""
        for _ in range(tries):
            process = Process(
                name, self.command(arguments or [name], warehouse=warehouse, settings=settings),
                self.directory / f"{name}.log", self.environment())
            code = process.wait(self.context.patience * 2)
            if code is None:
                process.kill()
                raise Failed(f"{' '.join(arguments or [name])} does not end")
            self.ends.append((name, code))
            if code == 0:
                return process
            if code == -9:
                self.note_points(Service(name, arguments), process)
            elif code in RETRIABLE or self.is_tolerated(name, process):
                key = f"{name} {code}"
                self.restarts[key] = self.restarts.get(key, 0) + 1
                for act in self.before_next_try:
                    act()
                self.wait(1.0)
            else:
                raise Failed(f"{' '.join(arguments or [name])} ended with {code}: {last_line(process)}")
        raise Failed(f"{' '.join(arguments or [name])} does not succeed in {tries} tries: {last_line(process)}")

    def make_everything_visible(self):
        """The furthest sale is asked for once: now late ones are there, and changing ones have changed."""
        self.get_sales(self.sales_count - 1, 1)

    def get_sales(self, first, count):
        """A page of sales by their numbers."""
        return self.get(f"/sales?start_sales_id={sale_id(first) - self.starts_behind}&limit={count}")

    def get(self, path):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers={"X-API-Key": "faults-key"})
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.read()

    def end(self):
        """Leaves nothing running behind."""
        for service in self.services.values():
            service.is_wanted = False
            if service.process is not None and service.process.is_running:
                service.process.kill()
        if self.simulator is not None and self.simulator.is_running:
            self.simulator.kill()
        for undo in self.clean_up:
            undo()


def sale_id(index):
    """The id of the simulator's n-th made-up sale: after every 97 one is missing."""
    return 500_001 + index + index // 97


def last_line(process):
    lines = [line for line in process.errors().splitlines() if line.strip()]
    return lines[-1][:600] if lines else "(it said nothing)"


def free_port():
    with socket.socket() as candidate:
        candidate.bind(("127.0.0.1", 0))
        return candidate.getsockname()[1]


def listens(port):
    try:
        socket.create_connection(("127.0.0.1", port), 0.5).close()
        return True
    except OSError:
        return False
