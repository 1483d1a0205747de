"""One process of the program: started, killed, frozen, and asked how it ended."""
import os
import re
import select
import signal
import subprocess
import time
from pathlib import Path

FAULT = re.compile(r"^fault: (kill|stop) at (\S+)$", re.MULTILINE)

# The program takes every variable of this prefix for a setting.
OUR_ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("RETAILFLOW_")}


def wait_for_end(processes, seconds):
    """Until one of these processes (their numbers) has ended, at most so long."""
    ends = select.poll()
    opened = []
    try:
        for process in processes:
            try:
                opened.append(os.pidfd_open(process))
            except ProcessLookupError:
                return
            ends.register(opened[-1], select.POLLIN)
        ends.poll(seconds * 1000)
    finally:
        for descriptor in opened:
            os.close(descriptor)


class Process:
    def __init__(self, name, command, log, environment=None):
        self.name, self.command, self.log = name, command, Path(log)
        self.was_told_to_stop = False
        self.started = time.time()
        with open(self.log, "ab") as errors, open(self.log.with_suffix(".out"), "ab") as output:
            self.log_start = errors.tell()
            errors.write(f"--- {' '.join(map(str, command))}\n".encode())
            errors.flush()
            self.popen = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=errors,
                env={**OUR_ENVIRONMENT, **(environment or {})}, start_new_session=True,
            )  # fmt: skip

    @property
    def code(self):
        """The exit code; negative: the signal that ended it; None: it runs."""
        return self.popen.poll()

    @property
    def is_running(self):
        return self.code is None

    def errors(self):
        with open(self.log, "rb") as file:
            file.seek(self.log_start)
            return file.read().decode("utf-8", "replace")

    def fault_points(self):
        """The named points at which it was killed or stopped: [(action, point)]."""
        return FAULT.findall(self.errors())

    def signal(self, number):
        """To its whole group: a program that starts the real one may stand before it."""
        if self.is_running:
            os.killpg(self.popen.pid, number)

    def kill(self):
        self.signal(signal.SIGKILL)
        self.popen.wait()

    def freeze(self):
        self.signal(signal.SIGSTOP)

    def thaw(self):
        self.signal(signal.SIGCONT)

    def terminate(self):
        """Asks it to end, as an operator would."""
        self.was_told_to_stop = True
        self.signal(signal.SIGTERM)

    def wait(self, seconds):
        """The exit code, or None when it still runs after so long."""
        try:
            return self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def is_stopped(self):
        """Whether it stands still (SIGSTOP)."""
        try:
            text = Path(f"/proc/{self.popen.pid}/stat").read_text()
        except OSError:
            return False
        return text.rpartition(")")[2].split()[0] == "T"
