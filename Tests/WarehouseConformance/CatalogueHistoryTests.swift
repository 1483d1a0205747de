import Retail
import Testing
import Warehouse
import WarehouseTestKit

@Suite("The history of the catalogues")
struct CatalogueHistoryTests {
    private static let a = ProductDraft("A", "first", 10_000)
    private static let b = ProductDraft("B", "second", 20_000)
    private static let (start, end) = (String(Int64.min), String(Int64.max))

    private func versions(_ warehouse: any WarehouseUnderTest) throws -> [[String?]] {
        try warehouse.rows(
            """
            SELECT product_sku, unit_amount, valid_from, valid_to, price_from, price_to
            FROM ods.products_history ORDER BY product_sku, valid_from
            """)
    }

    // Catches a row that vanishes without a trace, a version that is written over, and moments without a price.
    @Test(
        "closes what changed or vanished and begins what came, and its prices cover all time",
        arguments: WarehouseEngine.ingesting)
    func versions(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let store = try warehouse.catalogueStore()
        try store.refresh(.products([Self.a, Self.b], answeredAt: 100))
        let dearer = ProductDraft("B", "second", 25_000)
        try store.refresh(.products([Self.a, dearer], answeredAt: 200))
        try store.refresh(.products([dearer], answeredAt: 300))
        try store.refresh(.products([dearer], answeredAt: 400))
        try store.refresh(.products([Self.a, dearer], answeredAt: 500))
        try store.refresh(.products([ProductDraft("A", "first", 9_000), dearer], answeredAt: 600))
        let expected: [[String?]] = [
            ["A", "10000", "100", "300", Self.start, "500"], ["A", "10000", "500", "600", "500", "600"],
            ["A", "9000", "600", nil, "600", Self.end], ["B", "20000", "100", "200", Self.start, "200"],
            ["B", "25000", "200", nil, "200", Self.end],
        ]
        #expect(try versions(warehouse) == expected)
        #expect(try warehouse.number("SELECT count(*) FROM ods.products") == 2)
        // One that returns as another one is the next version too.
        try store.refresh(.products([], answeredAt: 700))
        try store.refresh(.products([Self.a], answeredAt: 800))
        #expect(try versions(warehouse).suffix(3).first == ["A", "10000", "800", nil, "800", Self.end])
        #expect(try versions(warehouse).last == ["B", "25000", "200", "700", "200", Self.end])
    }

    @Test("of customers is kept alike", arguments: WarehouseEngine.ingesting)
    func customers(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let store = try warehouse.catalogueStore()
        func customers(_ mail: String, answeredAt: Int64) -> CatalogueSnapshot {
            CatalogueSnapshot(
                .customers, [("1", "{\"customer_id\": 1, \"emails\": [\"\(mail)\"], \"phone_numbers\": []}")],
                answeredAt: answeredAt)
        }
        try store.refresh(customers("a@b", answeredAt: 100))
        try store.refresh(customers("c@d", answeredAt: 200))
        try store.refresh(CatalogueSnapshot(.customers, [], answeredAt: 300))
        try store.refresh(customers("c@d", answeredAt: 400))
        let versions = try warehouse.rows(
            "SELECT customer_id, emails, valid_from, valid_to FROM ods.customers_history ORDER BY valid_from")
        #expect(
            versions == [
                ["1", "[\"a@b\"]", "100", "200"], ["1", "[\"c@d\"]", "200", "300"], ["1", "[\"c@d\"]", "400", nil],
            ])
    }

    // Catches versions that overlap, or end before they begin, and a change that a clock makes invisible.
    @Test("goes forward when the clock is set back", arguments: WarehouseEngine.ingesting)
    func clockSetBack(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let store = try warehouse.catalogueStore()
        for (price, answeredAt) in [(1, 1_000), (2, 500), (3, 500)] {
            try store.refresh(.products([ProductDraft("A", "a", Int64(price))], answeredAt: Int64(answeredAt)))
        }
        try store.refresh(.products([], answeredAt: 400))
        try store.refresh(.products([ProductDraft("A", "a", 4)], answeredAt: 300))
        #expect(
            try versions(warehouse) == [
                ["A", "1", "1000", "1001", Self.start, "1001"], ["A", "2", "1001", "1002", "1001", "1002"],
                ["A", "3", "1002", "1003", "1002", "1003"], ["A", "4", "1003", nil, "1003", Self.end],
            ])
    }

    private static let second = 1_000_000
    /// What the API says of the second version, and where it begins: the first one began at 100 s, the second one was
    /// seen at 200 s.
    private static let updates: [(String?, Int)] = [
        (nil, 200 * second), ("1970-01-01T00:02:30.25", 150_250_000), ("1970-01-01T00:03:20", 200 * second),
        // Before the last version began: it would change what was sold at its price.
        ("1970-01-01T00:01:39", 200 * second), ("1970-01-01T00:01:40", 200 * second),
        // Ahead of the answer: a wrong clock.
        ("1970-01-01T00:03:21", 200 * second), ("2999-01-01T00:00:00", 200 * second),
    ]

    @Test("takes the API's own time where it can be right", arguments: WarehouseEngine.ingesting, updates.indices)
    func updatedAt(engine: WarehouseEngine, index: Int) throws {
        let warehouse = try engine.make()
        let store = try warehouse.catalogueStore()
        let (written, begins) = Self.updates[index]
        try store.refresh(
            .products(
                [ProductDraft("A", "a", 1, updatedAt: "1970-01-01T00:01:40")], answeredAt: Int64(120 * Self.second)))
        try store.refresh(
            .products([ProductDraft("A", "a", 2, updatedAt: written)], answeredAt: Int64(200 * Self.second)))
        #expect(
            try warehouse.column("SELECT valid_from FROM ods.products_history ORDER BY valid_from")
                == ["100000000", String(begins)])
    }

    @Test(
        "is written in the merge's transaction, and the count of changes with it", arguments: WarehouseEngine.ingesting)
    func oneTransaction(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let store = try warehouse.catalogueStore()
        func version() throws -> Int64 { try warehouse.number("SELECT version FROM ods.catalogue_version") }
        #expect(try version() == 0)
        try store.refresh(.products([Self.a]))
        #expect(try version() == 1)
        let number = try store.keep(.products([Self.b])).snapshot
        let before = try warehouse.dump(["ods"])
        for table in ["ods.products_history", "ods.products"] {
            try warehouse.failingWrites(to: table) {
                #expect(throws: WarehouseError.self) { try store.merge(number, of: .products, timeZone: .utc) }
            }
            #expect(try warehouse.dump(["ods"]) == before)
        }
        _ = try store.merge(number, of: .products, timeZone: .utc)
        #expect(try version() == 2)
        try store.refresh(.customers(["1"]))
        #expect(try version() == 3)
        try store.refresh(.customers([]))
        #expect(try version() == 4)
        #expect(
            try warehouse.rows("SELECT product_sku, catalogue_version FROM ods.products_history ORDER BY 1")
                == [["A", "1"], ["B", "2"]])
    }

    // Catches a daily refresh that writes to every warehouse every day, and one that is merged for ever.
    @Test(
        "gets nothing from a snapshot that changes nothing, also behind one that was held back",
        arguments: WarehouseEngine.ingesting)
    func unchanged(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let store = try warehouse.catalogueStore()
        try store.refresh(.products([Self.a, Self.b], answeredAt: 100))
        let before = try warehouse.dump(["ods"])
        for round in 1...3 {
            let dear = [ProductDraft("A", "first", 100_000 * Int64(round)), ProductDraft("C", "c", 1)]
            _ = try store.keep(.products(dear, answeredAt: 200), objection: "prices")
            #expect(try store.unmergedSnapshots(of: .products) == [])
            // The rows of the held one are the last that raw keeps: these are kept anew, and yet nothing has changed.
            let (same, rowsKept) = try store.keep(.products([Self.b, Self.a], answeredAt: 300))
            #expect(rowsKept == 1)
            #expect(try store.unmergedSnapshots(of: .products) == [])
            let counts = try store.merge(same, of: .products, timeZone: .utc)
            #expect(counts.unchanged == 2 && !counts.changesAnything)
        }
        #expect(try warehouse.dump(["ods"]) == before)
        let changed = try store.keep(.products([Self.b])).snapshot
        #expect(try store.unmergedSnapshots(of: .products) == [changed])
    }

    // Catches a program that takes as valid what the last one refused, and learns of it only when the API changes it.
    @Test("gets what an unchanged snapshot holds when it was refused before", arguments: WarehouseEngine.ingesting)
    func judgedAnew(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let store = try warehouse.catalogueStore()
        try store.refresh(.products([Self.a, Self.b], answeredAt: 100))
        // As if an older program had refused it.
        try warehouse.execute("DELETE FROM ods.products WHERE product_sku = 'B'")
        try warehouse.execute("DELETE FROM ods.products_history WHERE product_sku = 'B'")
        let (number, rowsKept) = try store.keep(.products([Self.a, Self.b], answeredAt: 200))
        #expect(rowsKept == 0)
        #expect(try store.merge(number, of: .products, timeZone: .utc).inserted == 1)
        #expect(
            try warehouse.rows("SELECT product_sku, catalogue_version FROM ods.products_history ORDER BY 1")
                == [["A", "1"], ["B", "2"]])
        #expect(try store.unmergedSnapshots(of: .products) == [])
    }

    // Catches two batches of which the slower one brings yesterday's prices back.
    @Test("gets nothing from a snapshot that is older than what was merged", arguments: WarehouseEngine.ingesting)
    func outdated(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let store = try warehouse.catalogueStore()
        let first = try store.keep(.products([Self.a], answeredAt: 100)).snapshot
        try store.refresh(.products([Self.b], answeredAt: 200))
        let before = try warehouse.dump(["ods"])
        let counts = try store.merge(first, of: .products, timeZone: .utc)
        #expect(!counts.changesAnything && counts.unchanged == 0)
        #expect(try warehouse.dump(["ods"]) == before)
    }

    // Catches a history that depends on when a batch ran, and one that a lost ods.db takes with it.
    @Test(
        "follows from raw: merged one by one as they came, or all later, it is the same",
        arguments: WarehouseEngine.ingesting
    )
    func followsFromRaw(engine: WarehouseEngine) throws {
        let (early, late) = (try engine.make(), try engine.make())
        let (earlyStore, lateStore) = (try early.catalogueStore(), try late.catalogueStore())
        for round in 1...12 {
            let products = [
                round % 5 == 0 ? nil : ProductDraft("A", "a", Int64(round / 3)), Self.b,
                round % 4 < 2 ? ProductDraft("C", "c", 7) : nil,
            ].compactMap { $0 }
            let snapshot = CatalogueSnapshot.products(products, answeredAt: Int64(round * 100))
            let objection = round % 6 == 5 ? "not believed" : nil
            let (number, _) = try earlyStore.keep(snapshot, objection: objection)
            if objection == nil { _ = try earlyStore.merge(number, of: .products, timeZone: .utc) }
            _ = try lateStore.keep(snapshot, objection: objection)
        }
        for number in try lateStore.unmergedSnapshots(of: .products) {
            _ = try lateStore.merge(number, of: .products, timeZone: .utc)
        }
        let history = try versions(early)
        #expect(history.count > 6)
        #expect(try versions(late) == history)
        #expect(try lateStore.unmergedSnapshots(of: .products) == [])
    }
}
