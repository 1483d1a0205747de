#!/usr/bin/env python3
"""Computes the mart anew from what the source API serves, and compares it with a warehouse, row for row, to the cent.

  recompute.py --data DIR --warehouse DIR [--catalogue SECONDS=DIR]… [--time-zone NAME] [--allow-missing-customer]

DIR of --data holds sales.jsonl, products.jsonl and customers.jsonl; DIR of --warehouse the SQLite files of a warehouse
that has read all of them and run a batch. Shares nothing with the program: no SQL, no floating point, only the rules of
its contract, in whole numbers. Prints the differences and exits 1 if there is any.

With --catalogue, the products and customers are those of other directories, in the order in which they were believed:
each from SECONDS of UTC (since 1970) on. A sale takes the product as it was at its time. Without, they are those of
--data, once and for all.
"""
import argparse
import json
import re
import sqlite3
import sys
from collections import OrderedDict
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

UNITS = 10_000  # 1/10,000 of a currency unit
EXACT_MAX = 4 * 10**10 * UNITS  # beyond it the mart gives no discount
LINES_MAX = 1_000
QUANTITY_MAX = 10**9
AMOUNT_MAX = 10**11 * UNITS
TOTAL_MAX = LINES_MAX * AMOUNT_MAX
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
DATETIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})?"
)


class Invalid(Exception):
    """A row that the rules refuse."""


class Literal(str):
    """A JSON number as it was written."""


# ---- reading


def object_of(pairs):
    keys = [key for key, _ in pairs]
    if len(set(keys)) != len(keys):
        raise Invalid("a key comes twice")
    return dict(pairs)


def refuse_constant(name):
    raise Invalid(f"{name} is no JSON")


def parse(line):
    try:
        row = json.loads(
            line.decode("utf-8"),
            parse_int=Literal,
            parse_float=Literal,
            parse_constant=refuse_constant,
            object_pairs_hook=object_of,
        )
    except (ValueError, RecursionError) as error:
        raise Invalid(f"not JSON: {error}") from None
    if not isinstance(row, dict):
        raise Invalid("not an object")
    return row


def scaled(value, field):
    """A number, or a string that holds one, as (digits, exponent): the value is digits times ten to the exponent."""
    if not isinstance(value, str) or not NUMBER.fullmatch(value):
        raise Invalid(f"{field}: not a number")
    sign, digits, exponent = Decimal(value).as_tuple()
    whole = int("".join(map(str, digits)))
    while whole and whole % 10 == 0:
        whole, exponent = whole // 10, exponent + 1
    if whole and exponent > 30:
        raise Invalid(f"{field}: too large")
    return (-whole if sign else whole), (exponent if whole else 0)


def integer(value, field, largest):
    whole, exponent = scaled(value, field)
    if exponent < 0:
        raise Invalid(f"{field}: not an integer")
    result = whole * 10**exponent
    if abs(result) > largest:
        raise Invalid(f"{field}: too large")
    return result


def money(value, field, largest=AMOUNT_MAX):
    whole, exponent = scaled(value, field)
    if exponent < -4:
        raise Invalid(f"{field}: more than 4 decimals")
    result = whole * 10 ** (exponent + 4)
    if abs(result) > largest:
        raise Invalid(f"{field}: too large")
    return result


def identity_of(value):
    """A sale's id; a string may hold its digits with zeros before them."""
    if isinstance(value, str) and not isinstance(value, Literal) and re.fullmatch("[0-9]+", value):
        value = value.lstrip("0") or "0"
    number = integer(value, "id", 2**63 - 1)
    if number < 1:
        raise Invalid("id: below 1")
    return number


def text(value, field):
    if not isinstance(value, str) or isinstance(value, Literal) or value == "":
        raise Invalid(f"{field}: not a text")
    if any(ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 for c in value):
        raise Invalid(f"{field}: a control character")
    return value


def local_time(value, zone):
    """As text in the zone, and in seconds since 1970."""
    match = DATETIME.fullmatch(value) if isinstance(value, str) and not isinstance(value, Literal) else None
    if not match:
        raise Invalid("datetime: not a date and time")
    day, clock, offset = match.groups()
    try:
        local = datetime.fromisoformat(f"{day}T{clock}")
        instant = None
        if offset:
            hours, minutes = (0, 0) if offset == "Z" else map(int, offset[1:].split(":"))
            if hours > 23 or minutes > 59:
                raise ValueError("offset")
            east = timedelta(hours=hours, minutes=minutes) * (-1 if offset[0] == "-" else 1)
            instant = (local - east).replace(tzinfo=timezone.utc)
            local = instant.astimezone(zone).replace(tzinfo=None)
    except (ValueError, OverflowError):
        raise Invalid("datetime: not in the calendar") from None
    # A time that comes twice is the earlier one: fold 0.
    elapsed = (instant or local.replace(tzinfo=zone)) - datetime(1970, 1, 1, tzinfo=timezone.utc)
    written = f"{local:%Y-%m-%d %H:%M:%S}" if local.year >= 1000 else local.isoformat(" ")
    return written, elapsed // timedelta(seconds=1)


def sale_of(row, zone):
    number = identity_of(row.get("id"))
    items = row.get("items")
    if not isinstance(items, list) or len(items) > LINES_MAX:
        raise Invalid("items: not a list of at most 1,000")
    lines = []
    for item in items:
        if not isinstance(item, dict):
            raise Invalid("items: not an object")
        sku = text(item.get("product_sku"), "product_sku")
        lines.append(
            (sku, integer(item.get("quantity"), "quantity", QUANTITY_MAX), money(item.get("amount"), "amount"))
        )
    customer = row.get("customer_id")
    if customer is not None and not isinstance(customer, str):
        raise Invalid("customer_id: neither a text nor a number")
    written, instant = local_time(row.get("datetime"), zone)
    return {
        "id": number,
        "datetime": written,
        "instant": instant,
        "total": money(row["total_amount"], "total_amount", TOTAL_MAX) if "total_amount" in row else None,
        "customer": str(customer) if customer else None,
        "lines": lines,
    }


def product_of(row):
    price = money(row.get("unit_amount"), "unit_amount")
    if price < 0:
        raise Invalid("unit_amount: below 0")
    return text(row.get("product_sku"), "product_sku"), (row.get("description"), price)


def customer_of(row):
    identity = row.get("customer_id")
    if not isinstance(identity, str) or identity == "":
        raise Invalid("customer_id: neither a text nor a number")
    return str(identity), None


def read(path, interpret):
    """The valid rows by key, the last one of a key, and how many were refused."""
    rows, refused = OrderedDict(), 0
    with open(path, "rb") as file:
        for line in file:
            if not line.strip():
                continue
            try:
                key, value = interpret(parse(line))
                rows[key] = value
            except Invalid:
                refused += 1
    return rows, refused


# ---- the rules


def discount(amount, quantity, price):
    """100 × (1 − amount ÷ (quantity × price)) in hundredths, half away from zero; None where there is none."""
    full = quantity * price
    if full == 0 or abs(full) > EXACT_MAX or abs(amount) > EXACT_MAX:
        return None
    numerator, denominator = 10_000 * (full - amount), full
    magnitude = (2 * abs(numerator) + abs(denominator)) // (2 * abs(denominator))
    return magnitude if (numerator < 0) == (denominator < 0) else -magnitude


def versions_of(snapshots):
    """From (seconds, {key: row}) in order: {key: [[begin, end, row], …]}, end None as long as the row is served."""
    versions = {}
    for seconds, rows in snapshots:
        for key, known in versions.items():
            if known[-1][1] is None and rows.get(key) != known[-1][2]:
                known[-1][1] = seconds
        for key, row in rows.items():
            known = versions.setdefault(key, [])
            if not known or known[-1][1] is not None:
                known.append([seconds, None, row])
    return versions


def version_at(versions, instant):
    """The version valid then; else the latest that began before, closed or not; else the earliest."""
    for begin, end, row in versions:
        if begin <= instant and (end is None or instant < end):
            return row
    begun = [row for begin, _, row in versions if begin <= instant]
    return begun[-1] if begun else versions[0][2]


def mart_of(sales, products, customers, allow_missing_customer=False):
    """Products as versions_of gives them, customers as anything that has their keys."""
    mart, orphans = {}, {}
    for number, sale in sales.items():
        sums = OrderedDict()
        for sku, quantity, amount in sale["lines"]:
            before = sums.get(sku, (0, 0))
            sums[sku] = (before[0] + quantity, before[1] + amount)
        if sale["customer"] is None:
            reason = None if allow_missing_customer else "no_customer"
        else:
            reason = None if sale["customer"] in customers else "unknown_customer"
        for sku, (quantity, amount) in sums.items():
            why = reason or (None if sku in products else "unknown_product")
            if why:
                orphans[(number, sku)] = (sale["customer"], why)
            else:
                description, price = version_at(products[sku], sale["instant"])
                mart[f"{number}-{sku}"] = (
                    sale["datetime"], amount, sku, quantity, description, discount(amount, quantity, price),
                )  # fmt: skip
    return mart, orphans


# ---- the warehouse


def units(real):
    """The exact decimal, 4 places, whose nearest REAL this is."""
    if real is None:
        return None
    return int((Decimal(repr(real)) * UNITS).to_integral_value())


def hundredths(real):
    return None if real is None else int((Decimal(repr(real)) * 100).to_integral_value())


def select(file, sql):
    if not file.exists():
        raise SystemExit(f"recompute: no {file}: is that the directory of a warehouse?")
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def stored_mart(warehouse):
    rows = select(
        warehouse / "dmt.db",
        "SELECT id, sales_datetime, item_amount, product_sku, item_quantity, product_description, discount_perc"
        " FROM sales_items",
    )
    return [(r[0], (r[1], units(r[2]), r[3], r[4], r[5], hundredths(r[6]))) for r in rows]


def stored_orphans(warehouse):
    rows = select(warehouse / "dmt.db", "SELECT sale_id, product_sku, customer_id, reason FROM orphans")
    return [((r[0], r[1]), (r[2], r[3])) for r in rows]


def stored_sales(warehouse):
    rows = select(warehouse / "ods.db", "SELECT id, datetime, total_amount, customer_id FROM sales")
    return [(r[0], (r[1], r[2], r[3])) for r in rows]


def stored_lines(warehouse):
    rows = select(
        warehouse / "ods.db", "SELECT sale_id, line, product_sku, quantity, amount FROM sales_items ORDER BY 1, 2"
    )
    return [((r[0], r[1]), (r[2], r[3], r[4])) for r in rows]


# ---- comparing


class Comparison:
    shown_max = 20

    def __init__(self):
        self.differences = 0

    def tell(self, message):
        self.differences += 1
        if self.differences <= self.shown_max:
            print(f"recompute: {message}")

    def compare(self, name, expected, stored):
        found = dict(stored)
        if len(found) != len(stored):
            self.tell(f"{name}: {len(stored) - len(found)} keys come more than once")
        for key in expected.keys() - found.keys():
            self.tell(f"{name}: {key} is missing; expected {expected[key]}")
        for key in found.keys() - expected.keys():
            self.tell(f"{name}: {key} should not be there: {found[key]}")
        for key in expected.keys() & found.keys():
            if expected[key] != found[key]:
                self.tell(f"{name}: {key} is {found[key]}; expected {expected[key]}")
        print(f"recompute: {name}: {len(expected)} rows expected, {len(stored)} stored")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path, required=True, metavar="DIR")
    arguments.add_argument("--warehouse", type=Path, required=True, metavar="DIR")
    arguments.add_argument("--catalogue", action="append", default=[], metavar="SECONDS=DIR")
    arguments.add_argument("--time-zone", default="UTC", metavar="NAME")
    arguments.add_argument("--allow-missing-customer", action="store_true")
    given = arguments.parse_args()

    zone = ZoneInfo(given.time_zone)
    sales, refused = read(given.data / "sales.jsonl", lambda row: ((s := sale_of(row, zone))["id"], s))
    catalogues = [text.split("=", 1) for text in given.catalogue] or [["0", given.data]]
    products = versions_of(
        (int(seconds), read(Path(directory) / "products.jsonl", product_of)[0]) for seconds, directory in catalogues)
    customers = versions_of(
        (int(seconds), read(Path(directory) / "customers.jsonl", customer_of)[0]) for seconds, directory in catalogues)
    mart, orphans = mart_of(sales, products, customers, given.allow_missing_customer)

    comparison = Comparison()
    comparison.compare(
        "ods.sales",
        {number: (sale["datetime"], sale["total"], sale["customer"]) for number, sale in sales.items()},
        stored_sales(given.warehouse),
    )
    comparison.compare(
        "ods.sales_items",
        {(number, n): line for number, sale in sales.items() for n, line in enumerate(sale["lines"])},
        stored_lines(given.warehouse),
    )
    comparison.compare("dmt.sales_items", mart, stored_mart(given.warehouse))
    comparison.compare("dmt.orphans", orphans, stored_orphans(given.warehouse))
    print(f"recompute: {refused} sales refused; {comparison.differences} differences")
    return 1 if comparison.differences else 0


if __name__ == "__main__":
    sys.exit(main())
