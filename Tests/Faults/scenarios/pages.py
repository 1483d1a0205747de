"""A page that the API serves broken for ever, and the operator who repairs it."""
import json
import re

import truth
from watch import query

from . import scenario

# Rare, and never a sale that changes or comes late too (each 7th and each 11th): what was repaired is what is served.
BROKEN_ROWS = "sales/row-unbalanced@every:701"


def with_broken_rows(run):
    run.keeps_pages = True
    run.row_faults = run.row_faults + [BROKEN_ROWS]
    run.before_next_try.append(lambda: repair_at_the_end(run))


def rows_of(run, page):
    """The rows of a failed page: no more than the last sale that could be had, and the row that breaks it."""
    inside = truth.array_of(page.read_bytes(), run.shape)[1:-1]
    return [row.rstrip(b",") for row in re.split(rb'(?=\{"id":)', inside) if row]


def is_broken(row):
    try:
        json.loads(row)
    except ValueError:
        return True
    return False


def failed_page(run):
    """The file of a page with a row that was not repaired yet, and the sale before it; None when there is none. A page
    that tells a total is another one as often as it is served: one file of them is enough."""
    for told in sorted((run.directory / "pages" / "sales" / "failed").rglob("*.error.json")):
        page = told.with_name(told.name.replace(".error.json", ".json"))
        if page not in run.repaired_pages and page.exists():
            if any(is_broken(row) and row not in run.repaired for row in rows_of(run, page)):
                return page, int(json.loads(told.read_text())["start"])
    return None


def repair(run, page):
    """Gives the rows the brace that they lack, and publishes the page from its file."""
    rows = rows_of(run, page)
    run.repaired.update({row: row + b"}" for row in rows if is_broken(row)})
    run.repaired_pages.add(page)
    page.write_bytes(b"[" + b",".join(run.repaired.get(row, row) for row in rows) + b"]")
    run.once("repair", ["extract", "--endpoint", "sales", "--from-file", str(page)])


def repair_at_the_end(run):
    """Rows may break pages too that were not served before. What is before them is in the warehouse first: it comes
    with the page once more, and is published unless it is known."""
    while failed := failed_page(run):
        run.once("ingest", ["ingest", "--until-end"])
        repair(run, failed[0])


@scenario("page-broken", ci=True, prepare=with_broken_rows)
def page_broken(run):
    """A row breaks its page at every limit: extraction waits there until the page is repaired and published."""
    run.start("extract", "ingest", "batch")
    for _ in range(run.random.randint(1, 2)):
        run.until("a page stays broken", lambda: failed_page(run), run.context.patience)
        page, before = failed_page(run)
        if run.random.random() < 0.5:
            run.hold("extract")
            run.release("extract")
        stored = "SELECT 1 FROM sales WHERE id = ?"
        run.until("the sale before the page is stored", lambda: query(run.warehouse / "ods.db", stored, (before,)),
                  run.context.patience)  # fmt: skip
        repair(run, page)
        run.blow("extract", "a broken page was repaired")
        run.recover()
