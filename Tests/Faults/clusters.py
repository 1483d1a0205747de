"""A throw-away Kafka cluster of real brokers, which can be killed, frozen and started again one by one."""
import os
import signal
import subprocess
from pathlib import Path

from processes import wait_for_end

REPOSITORY = Path(__file__).resolve().parents[2]
SCRIPT = REPOSITORY / "scripts" / "kafka"


def home():
    """Where an Apache Kafka is; None where there is none."""
    found = subprocess.run([SCRIPT, "home"], capture_output=True, text=True)
    return Path(found.stdout.strip()) if found.returncode == 0 else None


class Cluster:
    def __init__(self, directory, brokers):
        self.directory = Path(directory)
        self.count = brokers
        self.servers = ""
        self.frozen = set()

    @property
    def brokers(self):
        return list(range(1, self.count + 1))

    def up(self):
        """Starts the brokers that are not running, and waits until they listen."""
        done = subprocess.run(
            [SCRIPT, "up", self.directory, "--brokers", str(self.count)],
            capture_output=True, text=True, start_new_session=True,
        )  # fmt: skip
        if done.returncode != 0:
            raise RuntimeError(f"the cluster does not start: {done.stderr.strip()}")
        self.servers = done.stdout.strip().splitlines()[-1]

    def start_in_background(self):
        """The same, without waiting."""
        return subprocess.Popen(
            [SCRIPT, "up", self.directory, "--brokers", str(self.count)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip

    def process(self, broker):
        return int((self.directory / str(broker) / "pid").read_text())

    def is_alive(self, broker):
        try:
            command = Path(f"/proc/{self.process(broker)}/cmdline").read_bytes()
        except (OSError, ValueError):
            return False
        return str(self.directory / str(broker) / "server.properties").encode() in command

    def kill(self, broker):
        process = self.process(broker)
        os.kill(process, signal.SIGKILL)
        while self.is_alive(broker):
            wait_for_end([process], 1)

    def freeze(self, broker):
        self.frozen.add(broker)
        os.kill(self.process(broker), signal.SIGSTOP)

    def thaw(self, broker):
        self.frozen.discard(broker)
        os.kill(self.process(broker), signal.SIGCONT)

    def heal(self):
        """Whatever was done to the brokers: all of them run again."""
        for broker in list(self.frozen):
            self.thaw(broker)
        if not all(self.is_alive(broker) for broker in self.brokers):
            self.up()

    def destroy(self):
        for broker in list(self.frozen):
            self.thaw(broker)
        subprocess.run([SCRIPT, "destroy", self.directory], capture_output=True)
