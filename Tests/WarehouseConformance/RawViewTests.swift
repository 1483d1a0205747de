import Testing
import Warehouse
import WarehouseTestKit

@Suite("The views of raw")
struct RawViewTests {
    @Test("show a sale's fields as strings, numbers in their exact text", arguments: WarehouseEngine.ingesting)
    func exactNumbers(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let text = """
            {"id": 12345678901234567890, "datetime": "2010-12-01T08:04:00", "total_amount": 0.1000000000000000055511151,
             "customer_id": 17850.0, "items": [{"amount": 1e2, "quantity": 1.50}]}
            """
        try warehouse.salesWriter().ingest([RecordDraft(text, version: 7, partition: 2, offset: 4)])
        let row = try warehouse.rows(
            """
            SELECT id, datetime, total_amount, customer_id, log, topic, partition, "offset", version, SYS_FILE_NAME
            FROM raw.sales_api
            """)
        #expect(
            row == [
                [
                    "12345678901234567890", "2010-12-01T08:04:00", "0.1000000000000000055511151", "17850.0", "1",
                    "retail.sales.v1", "2", "4", "7", "sales_1.json",
                ]
            ])
        let items = try #require(try warehouse.value("SELECT items FROM raw.sales_api"))
        #expect(items.contains("1e2") && items.contains("1.50"))
    }

    static let badRows: [[UInt8]?] =
        [
            "", "{", "nonsense", "{\"id\": 01}", "[1, 2]", "5", "null", "\"text\"", "{\"id\": NaN}", "{'id': 1}",
            "{\"id\": 1}}", "{\"id\": \"a\u{0}b\"}", "{\"id\": \"\\u0000\"}", "{\"id\": \"\\ud800\"}",
            "{\"id\": 1e400000}",
            "{\"id\": null}", "{\"id\": {\"a\": [1]}, \"items\": 5}", "{\"id\": 1, \"id\": 2}", "\u{FEFF}{\"id\": 1}",
            String(repeating: "[", count: 100_000), "{\"id\": " + String(repeating: "9", count: 10_000) + "}",
        ].map { Array($0.utf8) } + [
            nil, [0xFF], [0x7B, 0x22, 0x69, 0x64, 0x22, 0x3A, 0x22, 0xC3, 0x22, 0x7D], [0, 0, 0],
        ]

    @Test("survive any bad row: each is a row, and the good ones stay readable", arguments: WarehouseEngine.ingesting)
    func survive(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        var drafts = Self.badRows.enumerated().map { RecordDraft(bytes: $1, version: 1, offset: Int64($0)) }
        drafts.append(RecordDraft(SaleDraft(id: 4711), version: 1, offset: 1_000))
        try warehouse.salesWriter().ingest(drafts)
        let rows = try warehouse.rows(
            "SELECT id, datetime, total_amount, customer_id, items FROM raw.sales_api ORDER BY \"offset\"")
        #expect(rows.count == drafts.count)
        #expect(rows.last?[0] == "4711")
        #expect(try warehouse.number("SELECT count(*) FROM raw.sales_api WHERE id = '4711'") == 1)
    }

    @Test("show NULL for what is no JSON, no object, missing or null", arguments: WarehouseEngine.ingesting)
    func nulls(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let texts = [
            "{", "[1]", "{}", "{\"id\": null}", "{\"id\": \"\\u0000\"}", "{\"id\": \"null\"}", "{\"id\": true}",
        ]
        try warehouse.salesWriter().ingest(
            texts.enumerated().map { RecordDraft($1, version: 1, offset: Int64($0)) })
        let ids = try warehouse.column("SELECT id FROM raw.sales_api ORDER BY \"offset\"")
        #expect(Array(ids.prefix(5)) == Array(repeating: "NULL", count: 5))
        #expect(ids.suffix(2) == ["null", "true"])
        #expect(try warehouse.number("SELECT count(*) FROM raw.sales_api WHERE id IS NULL") == 5)
    }

    @Test("show catalogues as well, and survive their bad rows", arguments: WarehouseEngine.all)
    func catalogues(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let store = try warehouse.catalogueStore()
        _ = try store.keep(
            CatalogueSnapshot(
                .products,
                [
                    (
                        "A",
                        "{\"product_sku\": \"A\", \"description\": \"x\", \"unit_amount\": 2.50, \"supplier\": null}"
                    ),
                    ("B", "{"), (nil, "7"),
                ]))
        _ = try store.keep(
            CatalogueSnapshot(
                .customers, [("1", "{\"customer_id\": 1, \"emails\": [\"a@b\"], \"phone_numbers\": []}"), ("2", "")]))
        let products = try warehouse.rows(
            "SELECT product_sku, description, unit_amount, supplier FROM raw.products_api ORDER BY product_sku IS NULL")
        #expect(products.count == 3)
        #expect(products.first == ["A", "x", "2.50", nil])
        let customers = try warehouse.rows(
            "SELECT customer_id, emails, phone_numbers FROM raw.customers_api ORDER BY customer_id IS NULL")
        #expect(customers == [["1", "[\"a@b\"]", "[]"], [nil, nil, nil]])
    }
}
