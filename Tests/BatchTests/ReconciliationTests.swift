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
    @Test("A snapshot that waits is merged as it is, without asking the API; the other catalogue is fetched")
    func usesWhatWaits() async throws {
        let shop = try CatalogueShop(unmerged: [.products: 7])
        let reports = try await shop.reconciliation.run()
        #expect(shop.store.merged == ["products 7", "customers 101"])
        #expect(reports.map(\.isFresh) == [false, true])
        #expect(reports.map(\.snapshot) == [7, 101])
        #expect(shop.requests(.products) == 0)
        #expect(shop.store.kept.map(\.catalogue) == [.customers])
    }

    @Test("An unproven catalogue is not merged, and what was merged before it stays")
    func unproven() async throws {
        let shop = try CatalogueShop(faults: [Fault(.catalogue(.drift), .always, on: .customers)])
        let error = await #expect(throws: BatchError.self) { try await shop.reconciliation.run() }
        #expect(error?.catalogue == .customers)
        #expect(shop.store.merged == ["products 101"])
        #expect(shop.store.kept.map(\.catalogue) == [.products])
    }
}
