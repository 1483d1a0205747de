import Retail
import Testing
import Warehouse
import WarehouseTestKit

@Suite("A snapshot that is not believed")
struct HeldSnapshotTests {
    private static let a = ProductDraft("A", "first", 10_000)
    private static let b = ProductDraft("B", "second", 20_000)
    private static let c = ProductDraft("C", "third", 30_000)

    @Test("is kept in raw, told, and not merged until it is accepted", arguments: WarehouseEngine.ingesting)
    func held(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let store = try warehouse.catalogueStore()
        try store.refresh(.products([Self.a, Self.b]))
        #expect(try store.heldSnapshot(of: .products) == nil)
        let (number, rowsKept) = try store.keep(.products([Self.c], answeredAt: 5_000_000), objection: "it shrank")
        #expect(rowsKept == 1)
        let held = HeldSnapshot(
            catalogue: "products", snapshot: number, rows: 1, answered: "1970-01-01T00:00:05.000Z",
            objection: "it shrank")
        #expect(try store.heldSnapshot(of: .products) == held)
        #expect(try store.heldSnapshot(of: .customers) == nil)
        #expect(try warehouse.status().heldCatalogues == [held])
        #expect(try store.unmergedSnapshots(of: .products) == [])

        try store.accept(number)
        try store.accept(number)
        #expect(try store.heldSnapshot(of: .products) == nil)
        #expect(try warehouse.status().heldCatalogues == [])
        #expect(try store.unmergedSnapshots(of: .products) == [number])
        let counts = try store.merge(number, of: .products, timeZone: .utc)
        #expect(counts.inserted == 1 && counts.vanished == 2)
        #expect(try warehouse.column("SELECT snapshot_id FROM raw.accepted_snapshots") == [String(number)])
        #expect(
            try warehouse.column("SELECT objection FROM raw.snapshots ORDER BY snapshot_id") == ["NULL", "it shrank"])
    }

    // Catches a catalogue that stays as it is for ever because it was absurd once.
    @Test(
        "stands in nobody's way: a later one is merged, and the held one is over", arguments: WarehouseEngine.ingesting)
    func later(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let store = try warehouse.catalogueStore()
        try store.refresh(.products([Self.a, Self.b]))
        _ = try store.keep(.products([]), objection: "it is empty")
        let later = try store.keep(.products([Self.a, Self.b, Self.c])).snapshot
        #expect(try store.heldSnapshot(of: .products) == nil)
        #expect(try store.unmergedSnapshots(of: .products) == [later])
        let counts = try store.merge(later, of: .products, timeZone: .utc)
        #expect(counts.inserted == 1 && counts.vanished == 0)
        #expect(try warehouse.number("SELECT count(*) FROM ods.products_history") == 3)
    }

    @Test("is not what the next one is compared with", arguments: WarehouseEngine.ingesting)
    func baseline(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let store = try warehouse.catalogueStore()
        #expect(try store.baseline(of: .products, since: 0) == nil)
        _ = try store.keep(.products([Self.a, Self.b], answeredAt: 100))
        let dearer = ProductDraft("A", "first", 100_000)
        _ = try store.keep(.products([dearer, Self.b, Self.c], answeredAt: 200), objection: "prices")
        let baseline = try #require(try store.baseline(of: .products, since: 0))
        #expect(baseline.rows.compactMap(\.key).sorted() == ["A", "B"])
        #expect(Set(baseline.rows.map { String(decoding: $0.payload, as: UTF8.self) }) == [Self.a.text, Self.b.text])
        #expect(baseline.largest == 2)
        #expect(try store.baseline(of: .customers, since: 0) == nil)
    }

    // Catches a shrink that is asked about every day for a week, and one in small steps that nobody ever sees.
    @Test(
        "The largest of a while is that of believed ones, and not of those before one was accepted",
        arguments: WarehouseEngine.ingesting)
    func largest(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let store = try warehouse.catalogueStore()
        func largest(since: Int64) throws -> Int? { try store.baseline(of: .products, since: since)?.largest }
        let all = (1...9).map { ProductDraft("P\($0)", "p", 1) }
        _ = try store.keep(.products(Array(all.prefix(8)), answeredAt: 100))
        _ = try store.keep(.products(all, answeredAt: 150), objection: "no")
        _ = try store.keep(.products(Array(all.prefix(7)), answeredAt: 200))
        _ = try store.keep(.products(Array(all.prefix(6)), answeredAt: 300))
        #expect(try largest(since: 100) == 8)
        #expect(try largest(since: 101) == 7)
        #expect(try largest(since: 301) == 6)
        let small = try store.keep(.products(Array(all.prefix(3)), answeredAt: 400), objection: "it shrank").snapshot
        #expect(try largest(since: 100) == 8)
        try store.accept(small)
        #expect(try largest(since: 100) == 3)
        // The other catalogue's acceptance is its own.
        try store.accept(try store.keep(.customers([]), objection: "it is empty").snapshot)
        _ = try store.keep(.products(Array(all.prefix(4)), answeredAt: 500))
        _ = try store.keep(.products(Array(all.prefix(2)), answeredAt: 600))
        #expect(try largest(since: 100) == 4)
    }
}
