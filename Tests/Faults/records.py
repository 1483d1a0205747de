"""What Kafka holds, seen through RecordTool."""
import base64
import json
import subprocess
import time


class ToolError(Exception):
    """RecordTool could not do it."""


class Kafka:
    """Topics, records and offsets of one cluster."""

    def __init__(self, tool, servers):
        self.tool, self.servers = tool, servers

    def call(self, *arguments, given=None, timeout=120):
        done = subprocess.run(
            [self.tool, arguments[0], "--servers", self.servers, *arguments[1:]],
            input=given, capture_output=True, text=True, timeout=timeout,
        )  # fmt: skip
        if done.returncode != 0:
            raise ToolError(f"RecordTool {' '.join(arguments)}: {done.stderr.strip()[:500]}")
        return [json.loads(line) for line in done.stdout.splitlines()]

    def persist(self, *arguments, seconds=90, given=None):
        """The same, again and again while brokers come back."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                return self.call(*arguments, given=given)
            except (ToolError, subprocess.TimeoutExpired):
                # The tool has waited for the brokers already.
                if time.monotonic() > deadline:
                    raise

    def dump(self, topic):
        """{(partition, offset): (payload or None, headers)} of all committed records."""
        records = {}
        for row in self.persist("dump", "--topic", topic, "--timeout", "60000"):
            headers = {name: _bytes(value) for name, value in row["headers"]}
            records[(row["partition"], row["offset"])] = (_bytes(row["value"]), headers)
        return records

    def offsets(self, topic, group):
        """{partition: {"begin", "end", "committed"}}"""
        rows = self.persist("offsets", "--topic", topic, "--group", group)
        return {row["partition"]: row for row in rows}

    def set_offsets(self, topic, group, offsets):
        """{partition: offset} for a group without members; one that was just left is asked again."""
        places = [word for partition, offset in offsets.items() for word in ("--to", f"{partition}:{offset}")]
        self.persist("set-offsets", "--topic", topic, "--group", group, *places)

    def leaders(self, topic):
        """{partition: broker or None}"""
        return {row["partition"]: row["leader"] for row in self.persist("topics", "--topic", topic)}

    def group_coordinator(self, group):
        return self._coordinator("__consumer_offsets", group)

    def transaction_coordinator(self, transactional_id):
        return self._coordinator("__transaction_state", transactional_id)

    def _coordinator(self, topic, name):
        leaders = self.leaders(topic)
        return leaders.get((_java_hash(name) & 0x7FFFFFFF) % len(leaders)) if leaders else None

    def produce(self, topic, records):
        """Records as dicts with bytes or None under key and value, headers as {name: bytes}, partition."""
        lines = [json.dumps(_line(record)) for record in records]
        return self.call("produce", "--topic", topic, "--set", "message.max.bytes=2000000", given="\n".join(lines))

    def delete_records(self, topic, partition, before):
        """As retention does."""
        self.call("delete-records", "--topic", topic, "--before", f"{partition}:{before}")

    def delete_topics(self, names):
        arguments = [word for name in names for word in ("--topic", name)]
        self.call("delete-topics", *arguments)


def _line(record):
    line = {name: _text(record.get(name)) for name in ("key", "value")}
    line["headers"] = {name: _text(value) for name, value in record.get("headers", {}).items()}
    if "partition" in record:
        line["partition"] = record["partition"]
    return line


def _text(value):
    return None if value is None else base64.b64encode(value).decode()


def _bytes(text):
    return None if text is None else base64.b64decode(text)


def _java_hash(text):
    """String.hashCode, from which Kafka takes the coordinator."""
    value = 0
    for character in text:
        value = (31 * value + ord(character)) & 0xFFFFFFFF
    return value
