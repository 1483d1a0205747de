import Retail
import RetailTestKit
import Testing
import Warehouse
import WarehouseTestKit

@Suite("The price of the sale's time")
struct PriceOfTheTimeTests {
    private static let day: Int64 = 86_400
    /// 2010-12-01 00:00:00, and the instants of the sales around it.
    private static let begin: Int64 = 1_291_161_600

    private static func moment(_ day: Int, _ seconds: Int64 = 0) -> Int64 {
        (begin + Int64(day) * Self.day + seconds) * 1_000_000
    }

    private func sale(_ id: Int64, day: Int, seconds: Int64 = 0, _ lines: [SaleDraft.Line]) -> SaleDraft {
        SaleDraft(
            id: id, datetime: CivilTime.text(of: Self.begin + Int64(day) * Self.day + seconds), customer: "1",
            lines: lines)
    }

    private func rebuild(_ warehouse: any WarehouseUnderTest) throws {
        _ = try warehouse.martStore().rebuild(allowMissingCustomer: false) { _, _ in }
    }

    @Test(
        "equals a recomputation in plain Swift, whatever comes, changes, vanishes and returns",
        arguments: WarehouseEngine.all, (1...10).map { UInt64($0) * 15_485_863 })
    func recomputation(engine: WarehouseEngine, seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let warehouse = try engine.make()
        let (store, writer) = (try warehouse.catalogueStore(), try warehouse.salesWriter())
        try store.refresh(.customers(["1"]))
        var model = MartModel()
        model.customers = ["1"]
        var history = PriceHistoryModel()
        for round in 1...6 {
            for step in 0..<Int.random(in: 0...3, using: &generator) {
                let products = ["A", "B", "C", "D"].filter { _ in Int.random(in: 0..<4, using: &generator) > 0 }.map {
                    ProductDraft(
                        $0, "\($0)\(Int.random(in: 1...3, using: &generator))",
                        [0, 1, 20_000, 25_500].randomElement(using: &generator) ?? 0)
                }
                // In the middle of a second: a sale of that second was before it.
                let answeredAt = Self.moment(round * 4 + step) + 500_000
                try store.refresh(.products(products, answeredAt: answeredAt))
                history.add(products, answeredAt: answeredAt)
            }
            let sales = (0..<30).map { _ in
                sale(
                    Int64.random(in: 1...90, using: &generator), day: Int.random(in: 0...32, using: &generator),
                    seconds: [-1, 0, 1, 7_200].randomElement(using: &generator) ?? 0,
                    (0..<3).map { _ in
                        SaleDraft.Line(
                            ["A", "B", "C", "D", "E"].randomElement(using: &generator) ?? "A",
                            Int64.random(in: -3...3, using: &generator),
                            Int64.random(in: -60_000...60_000, using: &generator))
                    })
            }
            let last = Dictionary(sales.map { ($0.id, $0) }, uniquingKeysWith: { $1 }).values.sorted { $0.id < $1.id }
            try writer.ingest(last, version: Int64(round), firstOffset: Int64(round * 1_000))
            for sale in last { model.add(sale) }
            model.history = history
            try rebuild(warehouse)
            #expect(try warehouse.martItems() == model.items, "seed \(seed), round \(round)")
            #expect(try MartModel.orphans(of: warehouse) == model.orphans, "seed \(seed), round \(round)")
        }
    }

    // Catches a rebuild that changes yesterday's discounts with today's prices.
    @Test("A rebuild changes no row whose sale and price did not change", arguments: WarehouseEngine.all)
    func generations(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let store = try warehouse.catalogueStore()
        try store.refresh(.customers(["1"]))
        let a = ProductDraft("A", "old", 20_000)
        let b = ProductDraft("B", "b", 10_000)
        try store.refresh(.products([a, b], answeredAt: Self.moment(10)))
        let sales = (0..<30).map {
            sale(Int64($0 + 1), day: $0, seconds: 60, [.init("A", 1, 15_000), .init("B", 1, 1)])
        }
        try warehouse.salesWriter().ingest(sales)
        try rebuild(warehouse)
        let first = try warehouse.martItems()
        #expect(Set(first.filter { $0.sku == "A" }.map(\.discount)) == [2_500])

        try store.refresh(.products([ProductDraft("A", "new", 30_000), b], answeredAt: Self.moment(20)))
        try rebuild(warehouse)
        let second = try warehouse.martItems()
        // Sale 21 is of a minute after the change.
        let isSame = { (item: MartItem) in item.sku == "B" || item.sale <= 20 }
        #expect(second.filter(isSame) == first.filter(isSame))
        for item in second where !isSame(item) {
            #expect(item.description == "new" && item.discount == 5_000, "sale \(item.sale)")
        }

        // What vanishes keeps its last version, for sales of later days too; what returns begins with its return.
        try store.refresh(.products([b], answeredAt: Self.moment(24)))
        try rebuild(warehouse)
        #expect(try warehouse.martItems() == second)
        try store.refresh(.products([ProductDraft("A", "back", 15_000), b], answeredAt: Self.moment(27)))
        try rebuild(warehouse)
        let third = try warehouse.martItems()
        #expect(third.filter { $0.sale <= 27 } == second.filter { $0.sale <= 27 })
        #expect(Set(third.filter { $0.sku == "A" && $0.sale > 27 }.map(\.discount)) == [0])
        #expect(try warehouse.number("SELECT count(*) FROM dmt.orphans") == 0)
    }

    // Catches a flip that shows sales with the prices of before a refresh, or all of them with those of after it.
    @Test(
        "A price list that comes during the build is in the generation, for the sales since",
        arguments: WarehouseEngine.all)
    func duringBuild(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let store = try warehouse.catalogueStore()
        var history = PriceHistoryModel()
        func refresh(_ products: [ProductDraft], day: Int) throws {
            try store.refresh(.products(products, answeredAt: Self.moment(day)))
            history.add(products, answeredAt: Self.moment(day))
        }
        try store.refresh(.customers(["1"]))
        try refresh([ProductDraft("A", "a", 20_000), ProductDraft("B", "b", 5)], day: 0)
        var model = MartModel()
        model.customers = ["1"]
        let sales = (1...2_400).map {
            sale(Int64($0), day: $0 * 7 % 30, [.init(["A", "B", "C"][$0 % 3], 1, Int64($0))])
        }
        try warehouse.salesWriter().ingest(sales)
        for sale in sales { model.add(sale) }
        var refreshed = false
        _ = try warehouse.martStore().rebuild(allowMissingCustomer: false) { done, total in
            guard done < total, !refreshed else { return }
            refreshed = true
            // Two merges: the version between them is in the middle of time.
            try refresh([ProductDraft("A", "dearer", 30_000), ProductDraft("C", "c", 7)], day: 10)
            try refresh([ProductDraft("A", "dear", 40_000), ProductDraft("B", "b", 5)], day: 20)
        }
        #expect(refreshed)
        model.history = history
        #expect(try warehouse.martItems() == model.items)
        #expect(Set(model.items.map(\.description)) == ["a", "dearer", "dear", "b", "c"])
        #expect(try MartModel.orphans(of: warehouse) == [])
    }

    @Test(
        "A product of which only refused rows came is unknown; one whose row is refused keeps its version",
        arguments: WarehouseEngine.all)
    func refused(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let store = try warehouse.catalogueStore()
        try store.refresh(.customers(["1"]))
        let broken = { (sku: String) in (key: Optional(sku), text: "{\"product_sku\": \"\(sku)\", \"unit_amount\": -1}")
        }
        let a = ProductDraft("A", "a", 20_000)
        try store.refresh(CatalogueSnapshot(.products, [("A", a.text), broken("B")], answeredAt: Self.moment(1)))
        try store.refresh(CatalogueSnapshot(.products, [broken("A"), broken("B")], answeredAt: Self.moment(2)))
        try warehouse.salesWriter().ingest([sale(1, day: 3, [.init("A", 1, 10_000), .init("B", 1, 1)])])
        try rebuild(warehouse)
        #expect(try warehouse.martItems().map(\.description) == ["a"])
        #expect(try MartModel.orphans(of: warehouse) == ["1|B|1|unknown_product"])
        #expect(try warehouse.number("SELECT count(*) FROM ods.products_history WHERE valid_to IS NULL") == 1)
    }
}
