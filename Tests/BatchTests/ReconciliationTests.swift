import RetailAPISimulator
import Testing
import Warehouse

@testable import Batch

@Suite("Reconciliation of the catalogues", .timeLimit(.minutes(1)))
struct ReconciliationTests {
    @Test("Where no snapshot waits, both catalogues are fetched and merged")
    func fetches() async throws {
        let shop = try CatalogueShop()
        let reports = try await shop.reconciliation.run()
        #expect(shop.store.kept.map(\.catalogue) == [.products, .customers])
        #expect(shop.store.merged == ["products 101", "customers 102"])
        #expect(reports.map(\.catalogue) == ["products", "customers"])
        #expect(reports.map(\.isFresh) == [true, true])
        #expect(reports.map(\.counts.inserted) == [101, 102])
    }

    // Catches a batch that fetches again what `extract` has just left for it, or that never looks for it.
    @Test(
        "Snapshots that wait are merged as they are, in order, without asking the API; the other catalogue is fetched")
    func usesWhatWaits() async throws {
        let shop = try CatalogueShop(unmerged: [.products: [6, 7]])
        let reports = try await shop.reconciliation.run()
        #expect(shop.store.merged == ["products 6", "products 7", "customers 101"])
        #expect(reports.map(\.isFresh) == [false, false, true])
        #expect(reports.map(\.snapshot) == [6, 7, 101])
        #expect(shop.requests(.products) == 0)
        #expect(shop.store.kept.map(\.catalogue) == [.customers])
    }

    @Test("An unproven catalogue is kept and not merged; accepted, it is")
    func unproven() async throws {
        let shop = try CatalogueShop(faults: [Fault(.catalogue(.drift), .always, on: .customers)])
        let error = await #expect(throws: ReconciliationError.self) { try await shop.reconciliation.run() }
        #expect(error?.refusals.map(\.catalogue) == [.customers])
        #expect(error?.reports.map(\.catalogue) == ["products"])
        #expect(shop.store.merged == ["products 101"])
        #expect(shop.store.objections.count == 2)
        let objection = try #require(shop.store.objections.last ?? nil)
        #expect(objection.hasPrefix("it is not proven complete: "))
        #expect(shop.store.kept.last?.proof == "none")
        let reports = try await shop.reconciliation.run(accepting: true)
        #expect(reports.map(\.accepted) == [nil, objection])
        #expect(shop.store.merged == ["products 101", "products 103", "customers 104"])
    }

    // Catches a flag that accepts a listing, finds nothing new in it, and asks for another one.
    @Test("What is accepted is merged also when it holds what was merged before")
    func acceptsSame() async throws {
        let shop = try CatalogueShop()
        let held = HeldSnapshot(catalogue: "products", snapshot: 9, rows: 2, answered: "", objection: "twice")
        shop.store.hold(held, of: .products, isChange: false)
        let reports = try await shop.reconciliation.run(accepting: true)
        #expect(reports.map(\.accepted) == ["twice", nil])
        #expect(shop.requests(.products) == 0)
    }

    /// What made three of the shop's products look like ten before.
    private static let tenProducts = CatalogueBaseline(
        rows: (1...10).map {
            CatalogueRow(
                key: "P\($0)", payload: Array(CataloguePages.product("P\($0)").utf8), isJSON: true, fileName: "page")
        }, largest: 10)

    // Catches a guard that nobody asks, and one catalogue that keeps the other from being merged.
    @Test("An absurd catalogue is kept with the objection and not merged; the other one is")
    func heldBack() async throws {
        let shop = try CatalogueShop(baselines: [.products: Self.tenProducts])
        let error = await #expect(throws: ReconciliationError.self) { try await shop.reconciliation.run() }
        let refusal = try #require(error?.refusals.first)
        #expect(refusal.snapshot == 101)
        #expect(refusal.reason == "it has 7 rows, the last one had 10: 30 % less")
        #expect(refusal.description.contains("retailflow batch --accept-catalogue"))
        #expect(shop.store.objections == [refusal.reason, nil])
        #expect(shop.store.merged == ["customers 102"])
        #expect(error?.reports.map(\.catalogue) == ["customers"])
        #expect(shop.store.accepted == [])
    }

    @Test("Accepted, what this run fetches is merged, and noted before")
    func acceptsFresh() async throws {
        let shop = try CatalogueShop(baselines: [.products: Self.tenProducts])
        let reports = try await shop.reconciliation.run(accepting: true)
        #expect(shop.store.accepted == [101])
        #expect(shop.store.merged == ["products 101", "customers 102"])
        #expect(reports.map(\.accepted) == ["it has 7 rows, the last one had 10: 30 % less", nil])
    }

    // Catches a flag that applies what nobody has seen: another listing than the one that is held back.
    @Test("What is held back is what is accepted, without asking the API again; nothing else is")
    func acceptsHeld() async throws {
        let shop = try CatalogueShop(
            faults: [Fault(.catalogue(.empty), .always, on: .customers)], baselines: [.products: Self.tenProducts])
        let held = HeldSnapshot(catalogue: "products", snapshot: 9, rows: 2, answered: "", objection: "it shrank")
        shop.store.hold(held, of: .products)
        let error = await #expect(throws: ReconciliationError.self) {
            try await shop.reconciliation.run(accepting: true)
        }
        #expect(shop.store.accepted == [9])
        #expect(shop.store.merged == ["products 9"])
        #expect(shop.requests(.products) == 0)
        #expect(error?.reports.map(\.accepted) == ["it shrank"])
        #expect(error?.refusals.map(\.reason) == ["it is empty"])
    }
}
