"""What must hold after every fault, checked from outside: the API's rows, Kafka and the warehouse's files.

Shares nothing with the program but the rules of its contract, which Tests/Acceptance/recompute.py has written down.
Each check yields a sentence per violation.
"""
import importlib.util
import json
import sqlite3
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

sys.dont_write_bytecode = True
_place = Path(__file__).resolve().parents[1] / "Acceptance" / "recompute.py"
_spec = importlib.util.spec_from_file_location("recompute", _place)
recompute = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(recompute)

UTC = ZoneInfo("UTC")
SHOWN_MAX = 5


@dataclass
class Evidence:
    """All that a check may look at."""

    warehouse: Path
    sales: list  # the rows that the API serves in the end
    products: list
    customers: list
    records: dict = field(default_factory=dict)  # {(partition, offset): (payload, headers)} of the topic
    offsets: dict = field(default_factory=dict)  # {partition: {"end", "committed"}}
    by_hand: list = field(default_factory=list)  # payloads put into the topic by hand
    outdated: set = field(default_factory=set)  # payloads put there with a version before all others
    is_strict: bool = False  # whether no sale changed and none was asked for twice
    given_up: set = field(default_factory=set)  # places that an operator had passed over, on purpose


def select(warehouse, name, sql):
    connection = sqlite3.connect(f"file:{warehouse / name}.db?mode=ro", uri=True, timeout=10)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def judged(row):
    """The sale that a payload is, or None where the rules refuse it."""
    try:
        return recompute.sale_of(recompute.parse(row), UTC) if row is not None else None
    except recompute.Invalid:
        return None


def keyed(rows, interpret):
    found = {}
    for row in rows:
        try:
            key, value = interpret(recompute.parse(row))
            found[key] = value
        except recompute.Invalid:
            pass
    return found


def differences(name, expected, stored):
    found = dict(stored)
    messages = []
    if len(found) != len(stored):
        messages.append(f"{name}: {len(stored) - len(found)} keys come more than once")
    messages += [f"{name}: {key} is missing" for key in expected.keys() - found.keys()]
    messages += [f"{name}: {key} should not be there" for key in found.keys() - expected.keys()]
    messages += [
        f"{name}: {key} is {found[key]}; expected {expected[key]}"
        for key in expected.keys() & found.keys()
        if expected[key] != found[key]
    ]
    return shortened(messages)


def shortened(messages):
    if len(messages) <= SHOWN_MAX:
        return messages
    return messages[:SHOWN_MAX] + [f"… and {len(messages) - SHOWN_MAX} more like it"]


def expected_sales(evidence):
    sales = {}
    for row in [*evidence.sales, *evidence.by_hand]:
        if sale := judged(row):
            sales[sale["id"]] = sale
    return sales


# ---- the invariants


def every_sale_once(evidence):
    """Every valid sale is in ods exactly once, as it was served last; nothing else is."""
    sales = expected_sales(evidence)
    yield from differences(
        "ods.sales",
        {number: (sale["datetime"], sale["total"], sale["customer"]) for number, sale in sales.items()},
        recompute.stored_sales(evidence.warehouse),
    )
    yield from differences(
        "ods.sales_items",
        {(number, n): line for number, sale in sales.items() for n, line in enumerate(sale["lines"])},
        recompute.stored_lines(evidence.warehouse),
    )


def rejects_explained(evidence):
    """Every invalid row is an open reject with its reasons and bytes; every reject is really invalid."""
    rows = select(evidence.warehouse, "ods", "SELECT reject_id, sale_id, state, reasons, payload FROM sales_rejects")
    open_payloads = {payload for _, _, state, _, payload in rows if state != "superseded"}
    known = {payload for payload, _ in evidence.records.values()}
    messages = []
    for row in [*evidence.sales, *evidence.by_hand]:
        if judged(row) is None and row not in open_payloads:
            messages.append(f"rejects: a refused row is neither in ods nor an open reject: {shown(row)}")
    for number, _, _, reasons, payload in rows:
        if not json.loads(reasons):
            messages.append(f"rejects: {number} has no reason")
        if judged(payload) is not None:
            messages.append(f"rejects: {number} is a valid sale: {shown(payload)}")
        if evidence.records and payload not in known:
            messages.append(f"rejects: {number} was never in the topic")
    yield from shortened(messages)


def mart_recomputed(evidence):
    """The mart equals the independent recomputation."""
    # No fault lets another catalogue be believed than the one that is served in the end: there is one version.
    products = recompute.versions_of([(0, keyed(evidence.products, recompute.product_of))])
    customers = keyed(evidence.customers, recompute.customer_of)
    mart, orphans = recompute.mart_of(expected_sales(evidence), products, customers)
    yield from differences("dmt.sales_items", mart, recompute.stored_mart(evidence.warehouse))
    yield from differences("dmt.orphans", orphans, recompute.stored_orphans(evidence.warehouse))


def offsets_behind_data(warehouse, offsets):
    """Kafka's committed offsets are never ahead of those stored with raw and with ods; none is ahead of Kafka."""
    messages = []
    for name in ("raw", "ods"):
        stored = {}
        if (warehouse / f"{name}.db").exists():
            stored = dict(select(warehouse, name, "SELECT partition, next_offset FROM offsets"))
        for partition, place in sorted(offsets.items()):
            committed, position = place["committed"], stored.get(partition, 0)
            # An empty partition is committed as far as it reaches, and nothing of it is stored.
            if committed is not None and committed > position:
                messages.append(
                    f"offsets: Kafka has {committed} committed for partition {partition}, {name} has {position}")
            if position > place["end"]:
                messages.append(f"offsets: {name} claims {position} of partition {partition}, which ends at {place['end']}")
    return messages


def offsets_claim_nothing_more(evidence):
    """Every record below a stored offset is there."""
    raw = dict(select(evidence.warehouse, "raw", "SELECT partition, next_offset FROM offsets"))
    ods = dict(select(evidence.warehouse, "ods", "SELECT partition, next_offset FROM offsets"))
    kept = set(select(evidence.warehouse, "raw", "SELECT partition, offset FROM sales"))
    refused = set(select(evidence.warehouse, "ods", "SELECT partition, offset FROM sales_reject_positions"))
    versions = dict(select(evidence.warehouse, "ods", "SELECT id, version FROM sales"))
    messages = []
    for (partition, offset), (payload, headers) in sorted(wanted(evidence).items()):
        place = f"{partition}@{offset}"
        if offset < raw.get(partition, 0) and (partition, offset) not in kept:
            messages.append(f"offsets: raw claims {place} and does not have it")
        if offset >= ods.get(partition, 0):
            continue
        sale = judged(payload)
        if sale is None:
            if (partition, offset) not in refused:
                messages.append(f"offsets: ods claims {place}, which is neither a sale nor a reject")
        elif versions.get(sale["id"], -1) < version_of(headers):
            messages.append(f"offsets: ods claims {place} and has an older version of sale {sale['id']}")
    yield from shortened(messages)


def wanted(evidence):
    """The records of the topic but those that were given up."""
    return {place: record for place, record in evidence.records.items() if place not in evidence.given_up}


def version_of(headers):
    """The version of a record; -1 where it has none, or one that is no number."""
    text = headers.get("version") or b""
    return int(text) if text.isdigit() else -1


def raw_is_the_topic(evidence):
    """Every record of the topic is in raw, byte for byte, and nothing else is."""
    rows = select(evidence.warehouse, "raw", "SELECT partition, offset, payload, version FROM sales")
    raw = {(partition, offset): (payload, version) for partition, offset, payload, version in rows}
    messages = []
    if len(raw) != len(rows):
        messages.append(f"raw: {len(rows) - len(raw)} places come more than once")
    for place, (payload, headers) in wanted(evidence).items():
        stored = raw.get(place)
        if stored is None:
            messages.append(f"raw: {place} is missing")
        elif stored[0] != payload:
            messages.append(f"raw: {place} holds other bytes than the topic")
        elif version_of(headers) >= 0 and stored[1] != version_of(headers):
            messages.append(f"raw: {place} has version {stored[1]}, the topic {version_of(headers)}")
    messages += [f"raw: {place} is not in the topic" for place in raw.keys() - wanted(evidence).keys()]
    yield from shortened(messages)


def published_once(evidence):
    """In a strict run every sale is in the topic exactly once: extraction has neither a gap nor a double. A row without
    an id has no place in the cursor: behind its last sale it may come again when extraction is started again."""
    if not evidence.is_strict:
        return
    by_hand = {*evidence.by_hand, *evidence.outdated}
    served = Counter(row for row in evidence.sales)
    found = Counter(payload for payload, _ in evidence.records.values() if payload not in by_hand)
    messages = [f"topic: {count} too few of {shown(row)}" for row, count in (served - found).items()]
    messages += [
        f"topic: {count} too many of {shown(row)}"
        for row, count in (found - served).items()
        if has_id(row) or row not in served
    ]
    yield from shortened(messages)


def has_id(row):
    """Whether extraction can tell where a row stands."""
    try:
        fields = json.loads((row or b"").decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return False
    return isinstance(fields, dict) and type(fields.get("id")) is int and fields["id"] > 0


def shown(payload):
    return "NULL" if payload is None else payload[:60].decode("utf-8", "replace")


def read_to_the_end(evidence):
    """Nothing is left to be read: the group's lag is 0."""
    for partition, place in sorted(evidence.offsets.items()):
        if place["committed"] is None and place["end"] == 0:
            continue
        if place["committed"] != place["end"]:
            yield f"offsets: partition {partition} is committed to {place['committed']} of {place['end']}"


def check(evidence):
    """All of them, after everything has finished."""
    messages = offsets_behind_data(evidence.warehouse, evidence.offsets)
    for invariant in (
        every_sale_once, rejects_explained, mart_recomputed, offsets_claim_nothing_more, raw_is_the_topic,
        published_once, read_to_the_end,
    ):  # fmt: skip
        messages += invariant(evidence)
    return messages
