#!/usr/bin/env python3
"""Makes records of sales that are broken in every way, and checks what a warehouse made of them.

  mutated_records.py generate --records N --seed S
  mutated_records.py check --topic FILE --sent FILE --warehouse DIR

`generate` prints JSON lines as RecordTool takes them. `check` compares, record by record, what Kafka holds (the output
of `RecordTool dump`) with raw, and the verdict of the rules as recompute.py knows them with ods and its rejects.
"""
import argparse
import base64
import json
import random
import sqlite3
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))
import recompute  # noqa: E402

LARGE = 950_000  # below the megabyte that a broker takes by default
DEPTH_MAX = 1_000


# ---- making them

NUMBERS = ["0", "-0", "1e2", "1E-2", "-1.5", "0.00001", "9223372036854775807", "9223372036854775808", "1e400", "-1e-400",
           "100000000000", "100000000000.0001", "1000000001", "01", "+1", ".5", "1.", "1e", "NaN", "Infinity", "0x10",
           "7" * 400, "0." + "3" * 400, "1" + "0" * 30]  # fmt: skip
VALUES = NUMBERS + ["null", "true", "false", '""', '"x"', '"12"', '"1e2"', "[]", "{}", "[1]", '{"a":1}', '"\\u0000"', '"\\ud800"',
                    '"\\ud83d\\ude00"', '"é"', '"2011-02-29T00:00:00"', '"2012-02-29 23:59:59.5+14:00"', '"0001-01-01T00:00:00Z"',
                    '"9999-12-31T23:59:59-01:00"', '"0000-01-01T00:00:00"', '"\\u0085"', '"\\n"', "nul", "tru", '"open']  # fmt: skip
BYTES = [b"\x00", b"\xff", b"\xc3", b"\x80", b"\xed\xa0\x80", b"\xc0\xaf", b"\xf4\x90\x80\x80", b"\xef\xbb\xbf", b'"', b"\\", b"{",
         b"}", b"[", b"]", b",", b":", b" ", b"\n", b"\x1f", b"\x7f"]  # fmt: skip


def sale_fields(rng, number):
    lines = [
        [("product_sku", f'"{rng.randrange(10000, 99999)}{rng.choice(["", "A", "é"])}"'),
         ("quantity", str(rng.randrange(-3, 30))), ("amount", f"{rng.randrange(0, 100000) / 100:.2f}")]
        for _ in range(rng.randrange(0, 5))
    ]  # fmt: skip
    day = f"20{rng.randrange(10, 30)}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}"
    return [
        ("id", str(number)), ("datetime", f'"{day}T{rng.randrange(24):02}:{rng.randrange(60):02}:00"'),
        ("total_amount", f"{rng.randrange(0, 100000) / 100:.2f}"), ("customer_id", f'"{rng.randrange(12000, 19000)}"'),
        ("items", lines),
    ]  # fmt: skip


def written(fields):
    def value(v):
        return v if isinstance(v, str) else "[" + ",".join(written(line) for line in v) + "]"

    return "{" + ",".join(f'"{key}":{value(v)}' for key, v in fields) + "}"


def change_fields(rng, fields):
    """One change of the structure, in the sale or in one of its lines."""
    place = fields
    lines = next((value for key, value in fields if key == "items" and isinstance(value, list)), [])
    if lines and rng.random() < 0.4:
        place = rng.choice(lines)
    if not place:
        return
    at = rng.randrange(len(place))
    key = place[at][0]
    match rng.randrange(8):
        case 0 | 1 | 2: place[at] = (key, rng.choice(VALUES))
        case 3: del place[at]
        case 4: place.insert(rng.randrange(len(place) + 1), (key, rng.choice(VALUES + [place[at][1]])))
        case 5: place.append((rng.choice(["note", "i\\u0064", "", "x" * 70, "ID"]), rng.choice(VALUES)))
        case 6: rng.shuffle(place)
        case 7:
            depth = rng.choice([2, 3, 64, 65, 900, 1_100] if rng.random() < 0.9 else [10_000])
            opening, closing = rng.choice([("[", "]"), ('{"a":', "}")])
            place.append(("deep", opening * depth + "1" * (opening != "[") + closing * depth))  # fmt: skip


def change_bytes(rng, value):
    """One change of the bytes."""
    at = rng.randrange(len(value) + 1)
    end = min(len(value), at + rng.randrange(0, 10))
    match rng.randrange(6):
        case 0:
            flipped = bytearray(value)
            for _ in range(rng.randrange(1, 4)):
                if flipped: flipped[rng.randrange(len(flipped))] ^= 1 << rng.randrange(8)  # noqa: E701
            return bytes(flipped)
        case 1: return value[:at]
        case 2: return value[:at] + value[end:]
        case 3: return value[:at] + rng.choice(BYTES) + value[at:]
        case 4: return value[:at] + rng.choice(BYTES) + value[end:]
        case _: return value[:end] + value[at:]


def large(rng, number):
    filler = rng.choice(["x", "\\n", "\\u00e9", "1,", "{},", '"a":1,'])
    text = filler * (LARGE // len(filler.encode()))
    fields = sale_fields(rng, number)
    match rng.randrange(4):
        case 0: return written(fields + [("note", '"' + text.replace('"', "'") + '"')]).encode()
        case 1: return written(fields + [("note", "[" + text.replace('"a":1', "1").rstrip(",") + "]")]).encode()
        case 2: return (" " * LARGE + written(fields)).encode()
        case _: return (written(fields)[:-1] + ',"note":"' + text).encode()


def value_of(rng, number):
    chance = rng.random()
    if chance < 0.01:
        return rng.choice([None, b"", b"null", b"[]", b"{}", b" ", rng.randbytes(rng.randrange(1, 300))])
    fields = sale_fields(rng, number)
    if chance < 0.65:
        for _ in range(rng.randrange(1, 4)):
            change_fields(rng, fields)
    value = written(fields).encode()
    if chance > 0.55:
        for _ in range(rng.randrange(0, 3)):
            value = change_bytes(rng, value)
    return value


def headers_of(rng, version):
    odd = [None, "", "abc", "-5", "9" * 18, "9" * 19, " 7", "1.5"]
    headers = []
    if rng.random() < 0.95:
        text = str(version) if rng.random() < 0.97 else rng.choice(odd)
        headers.append(["version", None if text is None else base64.b64encode(text.encode()).decode()])
    if rng.random() < 0.9:
        name = b"sales_20260101_0000_x.json" if rng.random() < 0.98 else rng.choice([b"", b"\xff\x00", b"x" * 500])
        headers.append(["source_file", base64.b64encode(name).decode()])
    return headers


def generate(count, seed):
    rng = random.Random(seed)
    large_ones = set(rng.sample(range(count), max(1, min(20, count // 1_000))))
    version, recent = 1_760_000_000_000_000, []
    for place in range(count):
        # Now and then a sale that came before: another version of it, or the very same record.
        number = rng.choice(recent)[0] if recent and rng.random() < 0.15 else place + 1
        version += rng.randrange(3)
        value = large(rng, number) if place in large_ones else value_of(rng, number)
        if recent and rng.random() < 0.02:
            number, value = rng.choice(recent)
        recent = [*recent[-200:], (number, value if value is None or len(value) < 10_000 else b"")]
        key = None if rng.random() < 0.02 else base64.b64encode(str(number).encode()).decode()
        record = {
            "key": key, "value": None if value is None else base64.b64encode(value).decode(),
            "headers": headers_of(rng, version - rng.choice([0, 0, 0, 500])),
        }  # fmt: skip
        print(json.dumps(record))


# ---- judging them


class Unknown(Exception):
    """What this judge cannot read, though the rules may allow it (numbers of thousands of digits)."""


def depth_of(value):
    depth, level = 0, [value]
    while level:
        containers = [v for v in level if isinstance(v, (dict, list))]
        depth += 1 if containers else 0
        level = [inner for v in containers for inner in (v.values() if isinstance(v, dict) else v)]
    return depth


def is_text(value):
    return not isinstance(value, str) or not any(c == "\0" or "\ud800" <= c <= "\udfff" for c in value)


def judged(value):
    """The sale that a record's value is; None when the rules refuse it."""
    if value is None:
        return None
    try:
        row = recompute.parse(value)
        if depth_of(row) > DEPTH_MAX:
            return None
        sale = recompute.sale_of(row, ZoneInfo("UTC"))
    except recompute.Invalid:
        return None
    except Exception as error:
        raise Unknown(str(error)[:80]) from None
    texts = [sale["customer"], *(sku for sku, _, _ in sale["lines"])]
    return sale if all(map(is_text, texts)) else None


def version_of(record):
    """The version header's digits, else the record's time."""
    for name, value in record["headers"]:
        if name == "version":
            text = base64.b64decode(value or "")
            if 1 <= len(text) <= 18 and all(0x30 <= digit <= 0x39 for digit in text):
                return int(text)
            break
    return min(max(record["timestamp"], 0), 999_999_999_999_999) * 1_000


def bytes_of(text):
    return None if text is None else base64.b64decode(text)


class Check:
    def __init__(self, warehouse):
        self.faults = 0
        self.raw = self.connect(warehouse, "raw")
        self.ods = self.connect(warehouse, "ods")

    @staticmethod
    def connect(warehouse, name):
        connection = sqlite3.connect(f"file:{warehouse / name}.db?mode=ro", uri=True)
        connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
        return connection

    def tell(self, message):
        self.faults += 1
        if self.faults <= 20:
            print(f"mutated-records: {message}")

    def one(self, connection, sql):
        return connection.execute(sql).fetchone()[0]

    def run(self, records, sent):
        got = sorted((r["key"] or "-", r["value"] or ("-" if r["value"] is None else ""), str(r["headers"])) for r in records)
        if got != sorted((r["key"] or "-", r["value"] or ("-" if r["value"] is None else ""), str(r["headers"])) for r in sent):
            self.tell("the topic does not hold what was sent")
        stored = {(p, o): (v, n) for p, o, v, n in self.raw.execute("SELECT partition, offset, payload, version FROM sales")}
        sales = {row[0]: row[1:] for row in self.ods.execute(
            "SELECT id, version, partition, offset, datetime, total_amount, customer_id FROM sales")}  # fmt: skip
        lines = {}
        for number, *line in self.ods.execute(
            "SELECT sale_id, product_sku, quantity, amount FROM sales_items ORDER BY sale_id, line"
        ):
            lines.setdefault(number, []).append(tuple(line))
        rejects = {(p, o): v for p, o, v in self.ods.execute(
            "SELECT partition, offset, payload FROM sales_reject_positions JOIN sales_rejects USING (reject_id)")}  # fmt: skip
        newest, valid, unknown = {}, 0, 0
        for record in records:
            place, value, version = (record["partition"], record["offset"]), bytes_of(record["value"]), version_of(record)
            if stored.pop(place, None) != (value, version):
                self.tell(f"{place} is not in raw as it is in Kafka")
            rejected = rejects.pop(place, Unknown)
            try:
                sale = judged(value)
            except Unknown:
                unknown += 1
                sale = None if rejected is not Unknown else self.nothing
            if sale is None:
                if rejected is Unknown or rejected != value:
                    self.tell(f"{place} is refused by the rules, and not in the rejects: {(value or b'')[:200]}")
                continue
            valid += 1
            if rejected is not Unknown:
                self.tell(f"{place} is a sale by the rules, and in the rejects: {value[:200]}")
            elif sale is not self.nothing:
                order = (version, *place)
                if sale["id"] not in newest or newest[sale["id"]][0] <= order:
                    newest[sale["id"]] = (order, sale)
        kept = len(sales)
        self.compare_sales(newest, sales, lines)
        for place in [*stored, *rejects]:
            self.tell(f"{place} is in the warehouse and not in the topic")
        print(
            f"mutated-records: {len(records)} records: {valid} sales, {len(records) - valid} refused"
            f" ({self.one(self.ods, 'SELECT count(*) FROM sales_rejects')} contents); {kept} sales in ods;"
            f" {unknown} that only the program can judge; {self.faults} faults"
        )

    nothing = object()

    def compare_sales(self, newest, sales, lines):
        for number, (order, sale) in newest.items():
            found = sales.pop(number, None)
            wanted = (*order, sale["datetime"], sale["total"], sale["customer"])
            # Equal content raises what is known of its source, so that the order is that of the newest record too.
            if found != wanted:
                self.tell(f"sale {number} is {found} in ods, expected {wanted}")
            elif lines.get(number, []) != sale["lines"]:
                self.tell(f"sale {number} has other lines in ods: {lines.get(number)}, expected {sale['lines']}")
        for number in sales:
            self.tell(f"sale {number} is in ods, and no valid record of the topic has it")


def records_of(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = arguments.add_subparsers(dest="verb", required=True)
    making = verbs.add_parser("generate")
    making.add_argument("--records", type=int, required=True)
    making.add_argument("--seed", type=int, required=True)
    checking = verbs.add_parser("check")
    for name in ("--topic", "--sent", "--warehouse"):
        checking.add_argument(name, type=Path, required=True)
    given = arguments.parse_args()
    if given.verb == "generate":
        generate(given.records, given.seed)
        return 0
    # A record may be nested a thousand deep.
    sys.setrecursionlimit(6_000)
    check = Check(given.warehouse)
    check.run(records_of(given.topic), records_of(given.sent))
    return 1 if check.faults else 0


if __name__ == "__main__":
    sys.exit(main())
