"""A network between the program and a broker that can be cut, delayed and reset: toxiproxy, where it is at hand."""
import json
import os
import re
import shutil
import subprocess
import time
import urllib.request
from pathlib import Path

import clusters
from pipeline import free_port, listens
from processes import wait_for_end
from records import Kafka


def server():
    """The toxiproxy-server to use; None where there is none."""
    beside = [clusters.REPOSITORY / ".." / "shared", Path(os.environ.get("KAFKA_HOME", "/nowhere")) / ".."]
    for candidate in [os.environ.get("TOXIPROXY_SERVER"), shutil.which("toxiproxy-server"),
                      *(place / "toxiproxy" / "toxiproxy-server" for place in beside)]:  # fmt: skip
        if candidate and os.access(candidate, os.X_OK):
            return candidate
    return None


class ProxiedCluster:
    """One broker that is reached through a proxy alone: it advertises the proxy's address."""

    def __init__(self, directory, program, tool):
        self.port, self.control = free_port(), free_port()
        self.servers = f"127.0.0.1:{self.port}"
        self.kafka = Kafka(tool, self.servers)
        self.cluster = clusters.Cluster(directory, 1)
        self.cluster.up()
        upstream = self.cluster.servers
        self.cluster.kill(1)
        properties = Path(directory) / "1" / "server.properties"
        text = properties.read_text()
        properties.write_text(
            re.sub(r"(?m)^advertised\.listeners=.*$", f"advertised.listeners=PLAINTEXT://{self.servers}", text))
        self.proxy = subprocess.Popen(
            [program, "-port", str(self.control)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True)
        deadline = time.monotonic() + 20
        while not listens(self.control):
            if time.monotonic() > deadline:
                raise RuntimeError("toxiproxy-server does not listen")
            wait_for_end([self.proxy.pid], 0.05)
        self.ask("POST", "/proxies", {"name": "kafka", "listen": self.servers, "upstream": upstream})
        self.cluster.up()

    def ask(self, method, path, body=None):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.control}{path}", method=method,
            data=None if body is None else json.dumps(body).encode(), headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read()

    def cut(self):
        """Every connection is closed, and no other can be made."""
        self.ask("POST", "/proxies/kafka", {"enabled": False})

    def spoil(self, kind, attributes, stream):
        self.ask("POST", "/proxies/kafka/toxics",
                 {"name": kind, "type": kind, "stream": stream, "attributes": attributes})  # fmt: skip

    def mend(self):
        self.ask("POST", "/reset", {})

    def destroy(self):
        self.proxy.kill()
        self.proxy.wait()
        self.cluster.destroy()
