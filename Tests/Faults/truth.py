"""What the API serves in the end, listed by its own hand: every row's bytes."""
import json
from dataclasses import dataclass, field

from pipeline import sale_id

LIMIT = 250


@dataclass
class Truth:
    sales: list = field(default_factory=list)
    products: list = field(default_factory=list)
    customers: list = field(default_factory=list)


def listed(pipeline):
    truth = Truth()
    for first in range(0, pipeline.sales_count, LIMIT):
        indices = range(first, min(first + LIMIT, pipeline.sales_count))
        rows = rows_of(pipeline.get(f"/sales?start_sales_id={sale_id(first)}&limit={len(indices)}"))
        if rows is None or len(rows) != len(indices):
            # Somewhere a row is no JSON: each alone, then its bytes are what stands between the brackets.
            rows = [pipeline.get(f"/sales?start_sales_id={sale_id(i)}&limit=1")[1:-1] for i in indices]
        truth.sales += rows
    for name in ("products", "customers"):
        page = 1
        while rows := rows_of(pipeline.get(f"/{name}?page={page}&limit={LIMIT}")):
            getattr(truth, name).extend(rows)
            page += 1
    return truth


def rows_of(page):
    """The bytes of each row of a page that is an array; None where it cannot be read."""
    decoder, rows = json.JSONDecoder(), []
    try:
        text = page.decode("utf-8")
        position = text.index("[") + 1
        while text[position] != "]":
            _, end = decoder.raw_decode(text, position)
            rows.append(text[position:end].encode())
            position = end + 1 if text[end] == "," else end
    except (ValueError, IndexError):
        return None
    return rows
