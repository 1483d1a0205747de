"""Records that no extractor would write, put into the topic by hand."""
from pipeline import sale_id

from . import scenario

FIRST_ID = 8_000_000_000_000_000_000  # beyond every sale of the API


def sale(number, rest=b"", quantity=b"1", amount=b"2.50"):
    return (
        b'{"id":%d,"datetime":"2024-03-01T10:00:00","total_amount":2.50,"customer_id":null,"items":'
        b'[{"product_sku":"by-hand","quantity":%s,"amount":%s}]%s}' % (FIRST_ID + number, quantity, amount, rest)
    )


def curiosities(random):
    """(key or None, value or None) of records, good and bad, each with a content of its own."""
    mark = b"%d" % random.randrange(10**9)
    many = b"9" * 400
    values = [
        None, b"", b" ", b"not json " + mark, b"null", b"17", b'"text"', b"[]", b"{}", b'{"id":' + mark, b"\x00" * 40,
        b"\xff\xfe" + mark, sale(1, b',"note":"\xc3\x28"'), sale(2, b',"id":7'), sale(3, b',"datetime":"2024-03-01T10:00:00"'),
        sale(4, b',"unknown":{"a":[1,2,{"b":null}]},"other":"' + mark + b'"'),
        sale(5, b',"large":"' + b"x" * 1_000_000 + b'"'), b"[" * 100_000 + mark,
        sale(6, b',"deep":' + b"[" * 50 + b"]" * 50), sale(7, quantity=many), sale(8, amount=many),
        sale(9, amount=b"1e400"), sale(10, amount=b"0." + many), sale(11, quantity=b"true"), sale(12, quantity=b'"x"'),
        sale(13, amount=b"2.50000"), sale(14, amount=b"25e-1"), sale(15, quantity=b"0.5"),
        b'{"id":' + many + b',"datetime":"2024-03-01T10:00:00","items":[]}',
        b'{"id":-5,"datetime":"2024-03-01T10:00:00","items":[]}',
        b'{"id":%d,"datetime":"2024-02-30T10:00:00","items":[]}' % (FIRST_ID + 16),
        b'{"id":"%d","datetime":"2024-03-01T10:00:00","items":[]}' % (FIRST_ID + 17),
        sale(18).replace(b'"by-hand"', b'"a\\u0000b"'), sale(19).replace(b'"items":[', b'"items":[7,'),
        sale(20).replace(b'"customer_id":null', b'"customer_id":["a"]'), sale(21) + b" trailing",
        b"\xef\xbb\xbf" + sale(22), sale(23).replace(b"{", b"{ \n\t "),
    ]  # fmt: skip
    records = []
    for value in values:
        key = random.choice((None, b"", b"a key", b"\xff\x00"))
        # Records of one content go to one place: their order is that of the versions then.
        records.append({"key": key, "value": value, "partition": random.randrange(4)})
    random.shuffle(records)
    return records


def yesterday(run):
    """Pages from yesterday: a lower version changes nothing, whatever else it holds. At a moment when no extraction
    follows that would publish the right content again."""
    stale = []
    for index in run.random.sample(range(run.sales_count), 12):
        number = b"%d" % sale_id(index)
        value = b'{"id":%s,"datetime":"2001-01-01T00:00:00","customer_id":null,"items":[]}' % number
        for spoiled in (value, value.replace(b'"items":[]', b'"items":7')):
            stale.append({"key": number, "value": spoiled, "headers": {"version": b"1"}})
    run.outdated_payloads.update(record["value"] for record in stale)
    run.kafka.produce(run.topic, stale)


@scenario("records-by-hand", weight=3, ci=True)
def records_by_hand(run):
    """Not JSON, wrong types, NULL, no key, 1 MB, invalid UTF-8, duplicate keys, deep nesting, numbers of 400 digits."""
    run.start("extract", "ingest", "batch")
    run.wait(run.random.uniform(2, 4))
    records = curiosities(run.random)
    run.kafka.produce(run.topic, records)
    run.extra_payloads += [record["value"] for record in records]
    run.before_last_ingest.append(lambda: yesterday(run))
    if run.random.random() < 0.5:
        run.kill("ingest")
    run.blow("ingest", "records by hand")
    run.recover()
