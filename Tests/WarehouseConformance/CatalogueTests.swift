import Retail
import RetailTestKit
import Testing
import Warehouse
import WarehouseTestKit

@Suite("The catalogues")
struct CatalogueTests {
    private static let a = ProductDraft("A", "first", 10_000)
    private static let b = ProductDraft("B", "second", 20_000)

    @Test("keep in raw what changed, and no copy of what did not", arguments: WarehouseEngine.ingesting)
    func changedRows(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let store = try warehouse.catalogueStore()
        #expect(try store.keep(.products([Self.a, Self.b])).rowsKept == 2)
        #expect(try store.keep(.products([Self.b, Self.a])).rowsKept == 0)
        let dearer = ProductDraft("B", "second", 25_000)
        #expect(try store.keep(.products([Self.a, dearer])).rowsKept == 1)
        #expect(try store.keep(.products([Self.a, Self.b])).rowsKept == 1)
        let keys = try warehouse.rows("SELECT snapshot_id, key FROM raw.products ORDER BY record_id")
        #expect(keys == [["1", "A"], ["1", "B"], ["3", "B"], ["4", "B"]])
        #expect(
            try warehouse.column(
                "SELECT \(warehouse.hexadecimal("payload")) FROM raw.products WHERE snapshot_id = 3"
            ).first == hexadecimal(dearer.text))
        #expect(try warehouse.number("SELECT count(*) FROM raw.snapshots") == 4)
    }

    @Test("keep a row without a usable key once per content", arguments: WarehouseEngine.ingesting)
    func withoutKey(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let store = try warehouse.catalogueStore()
        let rows: [(key: String?, text: String)] = [(nil, "{"), (nil, "["), ("A", Self.a.text)]
        #expect(try store.keep(CatalogueSnapshot(.products, rows)).rowsKept == 3)
        #expect(try store.keep(CatalogueSnapshot(.products, rows)).rowsKept == 0)
        #expect(try store.keep(CatalogueSnapshot(.products, rows + [(nil, "]")])).rowsKept == 1)
    }

    @Test("keep each snapshot's proof, and its keys by reference to equal ones", arguments: WarehouseEngine.ingesting)
    func keyLists(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let store = try warehouse.catalogueStore()
        for products in [[Self.b, Self.a], [Self.a, Self.b], [Self.a], [Self.a, Self.b], []] {
            _ = try store.keep(.products(products))
        }
        _ = try store.keep(.customers(["A", "B"]))
        let snapshots = try warehouse.rows(
            "SELECT endpoint, row_count, keys, keys_as, declared_total, proof FROM raw.snapshots ORDER BY snapshot_id")
        #expect(
            snapshots == [
                ["products", "2", "[\"A\",\"B\"]", nil, "2", "declared total"],
                ["products", "2", nil, "1", "2", "declared total"],
                ["products", "1", "[\"A\"]", nil, "1", "declared total"],
                ["products", "2", nil, "1", "2", "declared total"],
                ["products", "0", "[]", nil, "0", "declared total"],
                ["customers", "2", "[\"A\",\"B\"]", nil, "2", "declared total"],
            ])
    }

    @Test("name the newest snapshot until it is merged", arguments: WarehouseEngine.ingesting)
    func unmerged(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let store = try warehouse.catalogueStore()
        #expect(try store.unmergedSnapshots(of: .products) == [])
        let first = try store.keep(.products([Self.a])).snapshot
        let second = try store.keep(.products([Self.b])).snapshot
        #expect(try store.unmergedSnapshots(of: .products) == [first, second])
        #expect(try store.unmergedSnapshots(of: .customers) == [])
        _ = try store.merge(first, of: .products, timeZone: .utc)
        #expect(try store.unmergedSnapshots(of: .products) == [second])
        _ = try store.merge(second, of: .products, timeZone: .utc)
        #expect(try store.unmergedSnapshots(of: .products) == [])
        #expect(try warehouse.number("SELECT count(*) FROM raw.snapshots") == 2)
    }

    @Test("insert, change, close and reopen products, and count it", arguments: WarehouseEngine.ingesting)
    func merge(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let store = try warehouse.catalogueStore()
        func served() throws -> [[String?]] {
            try warehouse.rows(
                """
                SELECT product_sku, description, unit_amount, snapshot_id FROM ods.products
                WHERE SYS_DATE_DELETE IS NULL ORDER BY product_sku
                """)
        }
        #expect(try store.refresh(.products([Self.a, Self.b])) == counts(inserted: 2))
        #expect(try served() == [["A", "first", "10000", "1"], ["B", "second", "20000", "1"]])

        let dearer = ProductDraft("B", "second", 25_000)
        #expect(try store.refresh(.products([Self.a, dearer])) == counts(changed: 1, unchanged: 1))
        #expect(try served() == [["A", "first", "10000", "1"], ["B", "second", "25000", "2"]])

        #expect(try store.refresh(.products([dearer])) == counts(unchanged: 1, vanished: 1))
        #expect(try served() == [["B", "second", "25000", "2"]])
        #expect(try warehouse.number("SELECT count(*) FROM ods.products") == 2)

        #expect(try store.refresh(.products([dearer])) == counts(unchanged: 1))
        #expect(try store.refresh(.products([Self.a, dearer])) == counts(unchanged: 1, returned: 1))
        #expect(try served() == [["A", "first", "10000", "1"], ["B", "second", "25000", "2"]])

        #expect(try store.refresh(.products([])) == counts(vanished: 2))
        let other = ProductDraft("A", "another", 1)
        #expect(try store.refresh(.products([other])) == counts(returned: 1))
        #expect(try served() == [["A", "another", "1", "7"]])
    }

    @Test("merge customers with their addresses", arguments: WarehouseEngine.ingesting)
    func customers(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let store = try warehouse.catalogueStore()
        let rows = [
            ("1", "{\"customer_id\": 1, \"emails\": [\"a/b@c\", \"d\"], \"phone_numbers\": []}"),
            ("x", "{\"customer_id\": \"x\", \"emails\": [], \"phone_numbers\": [\"+1\"]}"),
        ]
        #expect(try store.refresh(CatalogueSnapshot(.customers, rows)) == counts(inserted: 2))
        #expect(
            try warehouse.rows("SELECT customer_id, emails, phone_numbers FROM ods.customers ORDER BY customer_id")
                == [["1", "[\"a/b@c\",\"d\"]", "[]"], ["x", "[]", "[\"+1\"]"]])
        #expect(try store.refresh(.customers(["1"])) == counts(changed: 1, vanished: 1))
    }

    @Test("write nothing of rows that did not change", arguments: WarehouseEngine.ingesting)
    func unchanged(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let store = try warehouse.catalogueStore()
        let broken = [("C", "{\"product_sku\": \"C\"}"), ("A", Self.a.text)]
        try store.refresh(.products([Self.a, Self.b]))
        try store.refresh(CatalogueSnapshot(.products, broken))
        try store.refresh(.customers(["1", "2"]))
        let before = try warehouse.dump(["ods"])
        #expect(try store.refresh(CatalogueSnapshot(.products, broken)) == counts(unchanged: 1, refused: 1))
        #expect(try store.refresh(.customers(["2", "1"])) == counts(unchanged: 2))
        #expect(try warehouse.dump(["ods"]) == before)
    }

    @Test(
        "refuse a bad row alone: the last valid version stays, and is not closed", arguments: WarehouseEngine.ingesting)
    func refused(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let store = try warehouse.catalogueStore(codeVersion: "7")
        try store.refresh(.products([Self.a, Self.b]))
        let negative = "{\"product_sku\": \"A\", \"description\": \"x\", \"unit_amount\": -1, \"supplier\": null}"
        let merged = try store.refresh(
            CatalogueSnapshot(.products, [("A", negative), ("B", Self.b.text), (nil, "nonsense")]))
        #expect(merged == counts(unchanged: 1, refused: 2))
        #expect(
            try warehouse.column("SELECT unit_amount FROM ods.products WHERE SYS_DATE_DELETE IS NULL ORDER BY 1")
                == ["10000", "20000"])
        let rejects = try warehouse.rows(
            "SELECT endpoint, key, reasons, code_version, snapshot_id FROM ods.catalogue_rejects ORDER BY key IS NULL")
        #expect(rejects.count == 2)
        #expect(rejects.map { $0[1] } == ["A", nil])
        #expect(rejects[0][2]?.contains("\"code\":\"out_of_range\",\"field\":\"unit_amount\"") == true)
        #expect(rejects[0][3] == "7")
        #expect(rejects[0][4] == "2")
        // The next good version is taken again.
        #expect(try store.refresh(.products([ProductDraft("A", "x", 1), Self.b])) == counts(changed: 1, unchanged: 1))
    }

    @Test("tell keys apart that look the same", arguments: WarehouseEngine.ingesting)
    func canonicallyEqualKeys(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let store = try warehouse.catalogueStore()
        let composed = ProductDraft("caf\u{E9}", "composed", 1)
        let decomposed = ProductDraft("cafe\u{301}", "decomposed", 2)
        #expect(try store.refresh(.products([composed, decomposed])) == counts(inserted: 2))
        #expect(try store.refresh(.products([composed])) == counts(unchanged: 1, vanished: 1))
        #expect(
            try warehouse.column("SELECT description FROM ods.products WHERE SYS_DATE_DELETE IS NULL")
                == ["composed"])
        #expect(try store.refresh(.products([decomposed])) == counts(vanished: 1, returned: 1))
    }

    @Test("close nothing when the snapshot's keys cannot be found", arguments: WarehouseEngine.ingesting)
    func missingKeys(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let store = try warehouse.catalogueStore()
        try store.refresh(.products([Self.a, Self.b]))
        let before = try warehouse.dump(["ods"])
        let error = try #require(throws: WarehouseError.self) {
            _ = try store.merge(99, of: .products, timeZone: .utc)
        }
        #expect(error.code == .damaged)
        #expect(try warehouse.dump(["ods"]) == before)
    }

    @Test("merge as a whole or not at all", arguments: WarehouseEngine.ingesting)
    func oneTransaction(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let store = try warehouse.catalogueStore()
        try store.refresh(.products([Self.a]))
        let number = try store.keep(.products([Self.b])).snapshot
        let before = try warehouse.dump(["ods"])
        try warehouse.failingWrites(to: "ods.catalogue_state") {
            #expect(throws: WarehouseError.self) { try store.merge(number, of: .products, timeZone: .utc) }
        }
        #expect(try warehouse.dump(["ods"]) == before)
        #expect(try store.unmergedSnapshots(of: .products) == [number])
        #expect(try store.merge(number, of: .products, timeZone: .utc) == counts(inserted: 1, vanished: 1))
    }

    private func counts(
        inserted: Int = 0, changed: Int = 0, unchanged: Int = 0, vanished: Int = 0, returned: Int = 0, refused: Int = 0
    ) -> [String: Int] {
        [
            "inserted": inserted, "changed": changed, "unchanged": unchanged, "vanished": vanished,
            "returned": returned, "refused": refused,
        ]
    }

    private func hexadecimal(_ text: String) -> String {
        text.utf8.map { byte in
            let digits = String(byte, radix: 16, uppercase: true)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}

/// Whether a merge did what the table says.
private func == (merge: MergeCounts, expected: [String: Int]) -> Bool {
    let counted = [
        "inserted": merge.inserted, "changed": merge.changed, "unchanged": merge.unchanged,
        "vanished": merge.vanished, "returned": merge.returned, "refused": merge.refused,
    ]
    return counted == expected
}
