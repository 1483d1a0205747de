import Retail
import RetailTestKit
import Testing
import Warehouse
import WarehouseTestKit

@Suite("The mart")
struct MartTests {
    @Test(
        "equals a recomputation in plain Swift", arguments: WarehouseEngine.all,
        (1...10).map { UInt64($0) * 104_729 })
    func recomputation(engine: WarehouseEngine, seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let warehouse = try engine.make()
        let store = try warehouse.catalogueStore()
        let writer = try warehouse.salesWriter()
        var model = MartModel()
        for round in 1...4 {
            let products = ["A", "B", "C", "D e-f"].filter { _ in Int.random(in: 0..<5, using: &generator) > 0 }.map {
                ProductDraft(
                    $0, "\($0) of round \(round)", [0, 1, 20_000, 25_500].randomElement(using: &generator) ?? 0)
            }
            try store.refresh(.products(products))
            // A product that has vanished is known all the same, with its last price.
            for product in products { model.products[product.sku] = product }
            let customers = ["1", "2"].filter { _ in Bool.random(using: &generator) }
            try store.refresh(.customers(customers))
            model.customers.formUnion(customers)
            let sales = Dictionary(
                (0..<40).map { _ in sale(&generator) }.map { ($0.id, $0) }, uniquingKeysWith: { $1 }
            ).values.sorted { $0.id < $1.id }
            try writer.ingest(sales, version: Int64(round), firstOffset: Int64(round * 1_000))
            for sale in sales { model.add(sale) }

            for allow in [false, true] {
                model.allowMissingCustomer = allow
                let report = try warehouse.martStore().rebuild(allowMissingCustomer: allow) { _, _ in }
                let (items, orphans) = (model.items, model.orphans)
                #expect(try warehouse.martItems() == items, "seed \(seed), round \(round)")
                #expect(try MartModel.orphans(of: warehouse) == orphans, "seed \(seed), round \(round)")
                #expect(report.sales == Int64(model.sales.count))
                #expect(report.rows == Int64(items.count))
                #expect(report.orphans == Int64(orphans.count))
                #expect(report.withoutDiscount == Int64(items.count { $0.discount == nil }))
                #expect(report.generation == Int64(2 * round - (allow ? 0 : 1)))
                #expect(report.orphansByReason.values.reduce(0, +) == report.orphans)
                #expect(report.orphansByReason["no_customer"] == nil || !allow)
            }
        }
    }

    private func sale(_ generator: inout SeededGenerator) -> SaleDraft {
        SaleDraft(
            id: Int64.random(in: 1...60, using: &generator),
            datetime: "2010-12-0\(Int.random(in: 1...9, using: &generator)) 23:59:59",
            customer: [nil, "1", "2", "3"].randomElement(using: &generator) ?? nil,
            lines: (0..<Int.random(in: 0...5, using: &generator)).map { _ in
                SaleDraft.Line(
                    ["A", "B", "C", "D e-f", "E"].randomElement(using: &generator) ?? "A",
                    Int64.random(in: -3...3, using: &generator), Int64.random(in: -60_000...60_000, using: &generator))
            })
    }

    @Test("computes the discount as rule 10 says, at ties and limits", arguments: WarehouseEngine.all)
    func discounts(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let store = try warehouse.catalogueStore()
        let cases = DiscountCase.all
        try store.refresh(
            .products(cases.indices.map { ProductDraft("\($0)", cases[$0].why, cases[$0].unitAmount) }))
        try store.refresh(.customers(["17850"]))
        // Each case is a sale of its own, and once more with its line cut in two.
        let sales = cases.indices.flatMap { index in
            let (quantity, amount) = (cases[index].quantity, cases[index].amount)
            return [
                SaleDraft(id: Int64(index + 1), lines: [.init("\(index)", quantity, amount)]),
                SaleDraft(
                    id: Int64(index + 1_001),
                    lines: [
                        .init("\(index)", quantity / 2, amount / 3),
                        .init("\(index)", quantity - quantity / 2, amount - amount / 3),
                    ]),
            ]
        }
        #expect(try warehouse.salesWriter().ingest(sales).ods.inserted == sales.count)
        let report = try warehouse.martStore().rebuild(allowMissingCustomer: false) { _, _ in }
        let items = try warehouse.martItems()
        #expect(items.count == sales.count)
        for item in items {
            let expected = cases[Int(item.sale - 1) % 1_000]
            #expect(item.discount == expected.basisPoints, "\(expected)")
            #expect(item.amount == expected.amount)
            #expect(item.quantity == expected.quantity)
        }
        #expect(report.withoutDiscount == Int64(2 * cases.count { $0.basisPoints == nil }))
    }

    @Test(
        "says why a line is not in it, by the first reason that holds, and since when", arguments: WarehouseEngine.all)
    func orphans(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let store = try warehouse.catalogueStore()
        try store.refresh(.products([ProductDraft("A", "a", 1)]))
        try store.refresh(.customers(["1"]))
        let writer = try warehouse.salesWriter()
        try writer.ingest([
            SaleDraft(id: 1, customer: nil, lines: [.init("A", 1, 1), .init("?", 1, 1), .init("?", 1, 1)]),
            SaleDraft(id: 2, customer: "?", lines: [.init("A", 1, 1), .init("?", 1, 1)]),
            SaleDraft(id: 3, customer: "1", lines: [.init("A", 1, 1), .init("?", 1, 1)]),
        ])
        let strict = try warehouse.martStore().rebuild(allowMissingCustomer: false) { _, _ in }
        #expect(
            try MartModel.orphans(of: warehouse) == [
                "1|?|-|no_customer", "1|A|-|no_customer", "2|?|?|unknown_customer", "2|A|?|unknown_customer",
                "3|?|1|unknown_product",
            ])
        #expect(strict.orphansByReason == ["no_customer": 2, "unknown_customer": 2, "unknown_product": 1])
        #expect(
            try warehouse.column("SELECT DISTINCT since FROM dmt.orphans")
                == warehouse.column("SELECT DISTINCT SYS_DATE_CREATE FROM ods.sales"))
        let lenient = try warehouse.martStore().rebuild(allowMissingCustomer: true) { _, _ in }
        #expect(lenient.orphansByReason == ["unknown_customer": 2, "unknown_product": 2])
        #expect(try warehouse.column("SELECT id FROM dmt.sales_items ORDER BY id") == ["1-A", "3-A"])
        // They enter by themselves once the missing row arrives; the age counts from the first sight of the sale.
        try writer.ingest([SaleDraft(id: 2, customer: "?", lines: [.init("?", 2, 2)])], version: 2, firstOffset: 10)
        try store.refresh(.products([ProductDraft("A", "a", 1), ProductDraft("?", "now known", 1)]))
        _ = try warehouse.martStore().rebuild(allowMissingCustomer: false) { _, _ in }
        #expect(try MartModel.orphans(of: warehouse).count == 3)
        #expect(try warehouse.column("SELECT id FROM dmt.sales_final ORDER BY id") == ["3-?", "3-A"])
        #expect(
            try warehouse.column("SELECT since FROM dmt.orphans WHERE sale_id = 2")
                == warehouse.column("SELECT SYS_DATE_CREATE FROM ods.sales WHERE id = 2"))
    }

    @Test("is empty before the first rebuild, and after one of an empty warehouse", arguments: WarehouseEngine.all)
    func empty(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        #expect(try warehouse.number("SELECT count(*) FROM dmt.sales_items") == 0)
        #expect(try warehouse.number("SELECT count(*) FROM dmt.orphans") == 0)
        var wasTold = false
        let report = try warehouse.martStore().rebuild(allowMissingCustomer: false) { _, _ in wasTold = true }
        #expect(!wasTold)
        #expect(
            report
                == MartReport(
                    generation: 1, sales: 0, rows: 0, orphans: 0, orphansByReason: [:], withoutDiscount: 0))
        #expect(try warehouse.number("SELECT count(*) FROM dmt.sales_items") == 0)
    }

    @Test(
        "is right after the flip about sales that came, changed and went during the build",
        arguments: WarehouseEngine.all)
    func changesDuringBuild(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let store = try warehouse.catalogueStore()
        let writer = try warehouse.salesWriter()
        var model = MartModel()
        model.products = ["A": ProductDraft("A", "a", 20_000), "B": ProductDraft("B", "b", 1)]
        model.customers = ["17850"]
        try store.refresh(.products(Array(model.products.values)))
        try store.refresh(.customers(["17850"]))
        let sales = (1...2_500).map { SaleDraft(id: Int64(10 * $0), lines: [.init("A", 1, Int64($0))]) }
        try writer.ingest(sales)
        for sale in sales { model.add(sale) }
        // A sale that other code will refuse: in one zone its date exists, in the other not.
        let (west, east) = (RetailTimeZone(identifier: "Etc/GMT+1"), RetailTimeZone(identifier: "Etc/GMT-1"))
        let vanishing = RecordDraft(
            "{\"id\": 15, \"datetime\": \"9999-12-31T23:30:00Z\", \"items\": [{\"product_sku\": \"A\", "
                + "\"quantity\": 1, \"amount\": 1}]}", version: 1, partition: 3, offset: 0)
        try writer.ingest([vanishing], timeZone: #require(west))

        var told: [Int64] = []
        let report = try warehouse.martStore().rebuild(allowMissingCustomer: false) { done, total in
            told.append(done)
            #expect(total == 2_501)
            let number = Int64(told.count)
            // The first range is built; the last one is not, before the last call.
            let changes = [
                SaleDraft(id: 20, lines: [.init("B", 1, number)]),  // changed, in place of the other product
                SaleDraft(id: 30, datetime: "2011-01-0\(min(9, number)) 00:00:00"),  // changed, now an orphan
                SaleDraft(id: 25_000, lines: [.init("A", 2, number)]),  // changed, maybe not built yet
                SaleDraft(id: number, lines: [.init("A", 3, 7)]),  // new, among those that are built
                SaleDraft(id: 30_000 + number, lines: [.init("B", 3, 7), .init("A", 1, 1)]),  // new, at the end
            ]
            if number < 5 {
                try writer.ingest(changes, version: 1 + number, firstOffset: 10_000 * number)
                for sale in changes { model.add(sale) }
            }
            if number == 1 { try writer.ingest([vanishing], timeZone: #require(east)) }
        }
        #expect(told.count >= 2)
        #expect(told == told.sorted())
        #expect(try warehouse.martItems() == model.items)
        #expect(try MartModel.orphans(of: warehouse) == model.orphans)
        #expect(report.sales == Int64(model.sales.count))
        #expect(report.rows == Int64(model.items.count))
    }

    @Test(
        "is right after the flip about a catalogue that was refreshed during the build", arguments: WarehouseEngine.all)
    func refreshDuringBuild(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let store = try warehouse.catalogueStore()
        var model = MartModel()
        model.products = ["A": ProductDraft("A", "a", 20_000), "C": ProductDraft("C", "c", 5)]
        model.customers = ["17850"]
        try store.refresh(.products(Array(model.products.values)))
        try store.refresh(.customers(["17850"]))
        // Each kind of sale lies in both ranges, the one that is built before the refresh and the one after it.
        let skus = ["A", "B", "C"]
        let sales: [SaleDraft] = (1...2_400).map { number in
            let line = SaleDraft.Line(skus[number % 7 % 3], 1, Int64(number))
            return SaleDraft(id: Int64(number), customer: number % 3 == 0 ? "new" : "17850", lines: [line])
        }
        try warehouse.salesWriter().ingest(sales)
        for sale in sales { model.add(sale) }
        _ = try warehouse.martStore().rebuild(allowMissingCustomer: false) { done, total in
            guard done < total, model.products["B"] == nil else { return }
            model.products["A"] = ProductDraft("A", "dearer", 30_000)
            model.products["B"] = ProductDraft("B", "new", 7)
            model.customers.insert("new")
            try store.refresh(.products(Array(model.products.values)))
            try store.refresh(.customers(Array(model.customers)))
        }
        #expect(model.products["B"] != nil)
        let items = try warehouse.martItems()
        #expect(items == model.items)
        #expect(items.count == sales.count)
        #expect(try MartModel.orphans(of: warehouse) == [])
    }

    @Test(
        "keeps serving the old generation when a build is broken off, and the next one is right",
        arguments: WarehouseEngine.all)
    func brokenOff(engine: WarehouseEngine) throws {
        struct Interruption: Error {}
        let warehouse = try engine.make()
        let store = try warehouse.catalogueStore()
        try store.refresh(.products([ProductDraft("A", "a", 1)]))
        try store.refresh(.customers(["17850"]))
        let writer = try warehouse.salesWriter()
        try writer.ingest([SaleDraft(id: 1, lines: [.init("A", 1, 1)])])
        _ = try warehouse.martStore().rebuild(allowMissingCustomer: false) { _, _ in }
        try writer.ingest([SaleDraft(id: 2, lines: [.init("A", 1, 1)])], firstOffset: 1)
        for _ in 0..<2 {
            #expect(throws: Interruption.self) {
                try warehouse.martStore().rebuild(allowMissingCustomer: false) { _, _ in throw Interruption() }
            }
            #expect(try warehouse.column("SELECT id FROM dmt.sales_items") == ["1-A"])
        }
        #expect(try warehouse.martStore().rebuild(allowMissingCustomer: false) { _, _ in }.generation == 2)
        #expect(try warehouse.column("SELECT id FROM dmt.sales_items ORDER BY id") == ["1-A", "2-A"])
    }
}
