import RetailAPI
import RetailAPISimulator
import Testing
import Warehouse

@testable import Batch

@Suite("A full refresh of a catalogue", .timeLimit(.minutes(1)))
struct CatalogueRefreshTests {
    private func expectWhole(_ shop: CatalogueShop, sweeps: Int) throws {
        let snapshot = try #require(shop.store.kept.first)
        #expect(shop.store.kept.count == 1)
        #expect(snapshot.catalogue == .products)
        #expect(Set(snapshot.rows.map(\.text)) == Set(CatalogueShop.products))
        #expect(snapshot.rows.count == CatalogueShop.products.count)
        #expect(snapshot.sweeps == sweeps)
    }

    @Test("With a total it is kept after one sweep, byte for byte, with its proof")
    func withTotal() async throws {
        let shop = try CatalogueShop()
        let report = try await shop.refresh.run(.products)
        try expectWhole(shop, sweeps: 1)
        let snapshot = shop.store.kept[0]
        #expect(snapshot.rows.map(\.text) == CatalogueShop.products)
        #expect(snapshot.declaredTotal == 7)
        #expect(snapshot.pages == 5)
        #expect(snapshot.answeredAt == 1_764_000_000_000_000)
        #expect(snapshot.rows.allSatisfy { $0.fileName.hasPrefix("products_20251124_1600_") && $0.isJSON })
        #expect(
            report
                == CatalogueRefresh.Report(
                    catalogue: "products", snapshot: 101, rows: 7, pages: 5, sweeps: 1, rowsKept: 7,
                    proof: "7 rows, as declared"))
        // Three pages and the two empty ones.
        #expect(shop.requests(.products) == 5)
    }

    // Catches a refresh that believes one sweep where nothing declares how much there is.
    @Test("Without a total it is swept twice")
    func withoutTotal() async throws {
        let shop = try CatalogueShop(withTotal: false)
        _ = try await shop.refresh.run(.products)
        try expectWhole(shop, sweeps: 2)
        #expect(shop.store.kept[0].declaredTotal == nil)
        #expect(shop.requests(.products) == 10)
    }

    @Test("Customers are refreshed alike, from their own listing")
    func customers() async throws {
        let shop = try CatalogueShop()
        _ = try await shop.refresh.run(.customers)
        #expect(shop.store.kept.map(\.catalogue) == [.customers])
        #expect(shop.store.kept[0].rows.map(\.text) == CatalogueShop.customers)
        #expect(shop.requests(.products) == 0)
    }

    @Test(
        "A sweep that goes wrong once is swept again and the good ones are kept",
        arguments: [
            Fault(.catalogue(.truncated), .first(1)), Fault(.catalogue(.duplicated), .first(1)),
            Fault(.catalogue(.drift), .first(1)), Fault(.catalogue(.halved), .first(1)), Fault(.lyingTotal, .first(1)),
            Fault(.emptyPage, .first(1)), Fault(.repeatedPage, .first(3)),
        ], [true, false])
    func passing(_ fault: Fault, _ withTotal: Bool) async throws {
        // Which half the API leaves out shows only where nothing declares it, or in comparison.
        let isHalved = fault.kind == .catalogue(.halved)
        let shop = try CatalogueShop(faults: [fault], withTotal: withTotal)
        _ = try await shop.refresh.run(.products)
        if isHalved, withTotal {
            // Proven by its own total: that it is absurd is for others to say.
            #expect(shop.store.kept.map(\.rows.count) == [4])
        } else {
            let isHarmless = fault.kind == .lyingTotal && !withTotal
            try expectWhole(shop, sweeps: isHarmless ? 2 : withTotal ? 2 : 3)
        }
        // Where no total is declared none can lie.
        if withTotal || fault.kind != .lyingTotal {
            #expect(shop.simulator.counters.faultsFired[fault.name, default: 0] > 0)
        }
    }

    // Catches a refresh that gives up without a trace, or that believes what it has by then.
    @Test(
        "What is never proven is kept with the reason, and not believed",
        arguments: [
            (Fault(.catalogue(.truncated)), true), (Fault(.catalogue(.duplicated)), true),
            (Fault(.catalogue(.drift)), true), (Fault(.catalogue(.drift)), false), (Fault(.lyingTotal), true),
            (Fault(.lyingTotal, .every(2)), true), (Fault(.catalogue(.truncated), .every(2)), false),
            (Fault(.catalogue(.duplicated)), false),
        ])
    func refused(_ fault: Fault, _ withTotal: Bool) async throws {
        let shop = try CatalogueShop(faults: [fault], withTotal: withTotal)
        let report = try await shop.refresh.run(.products)
        let objection = try #require(report.objection)
        #expect(objection.hasPrefix("it is not proven complete: "))
        #expect(objection.hasSuffix("after 4 sweeps"))
        #expect(shop.store.objections == [objection])
        #expect(shop.store.kept.map(\.sweeps) == [4])
    }

    // Catches a sweep without an end.
    @Test("A listing that is the same page for ever is not believed, and not read for ever")
    func endless() async throws {
        for withTotal in [true, false] {
            let shop = try CatalogueShop(faults: [Fault(.repeatedPage)], withTotal: withTotal)
            let report = try await shop.refresh.run(.products)
            #expect(report.objection?.contains("nothing but rows of earlier pages") == true)
            #expect(shop.requests(.products) < 20)
        }
    }

    @Test("An API that fails for a while is asked again; nothing is missing")
    func flaky() async throws {
        let shop = try CatalogueShop(faults: [
            Fault(.status(500, retryAfterSeconds: nil), .every(3)), Fault(.cut, .every(4)),
            Fault(.malformed, .every(5)),
        ])
        _ = try await shop.refresh.run(.products)
        try expectWhole(shop, sweeps: 1)
    }

    @Test("An API that stays down is its error, and nothing is kept")
    func down() async throws {
        let shop = try CatalogueShop(faults: [Fault(.status(500, retryAfterSeconds: nil))])
        let error = await #expect(throws: RetailAPIError.self) { try await shop.refresh.run(.products) }
        #expect(error?.code == .serverFailed)
        #expect(shop.store.kept.isEmpty)
    }

    @Test("Cancelled, it ends and keeps nothing")
    func cancelled() async throws {
        let (waits, isWaiting) = AsyncStream.makeStream(of: Void.self)
        let shop = try CatalogueShop(faults: [Fault(.status(500, retryAfterSeconds: nil), .every(3))]) {
            isWaiting.yield()
            let (nothing, _) = AsyncStream.makeStream(of: Never.self)
            for await _ in nothing {}
        }
        let refreshing = Task { try await shop.refresh.run(.products) }
        for await _ in waits { break }
        refreshing.cancel()
        await #expect(throws: CancellationError.self) { try await refreshing.value }
        #expect(shop.store.kept.isEmpty)
    }

    @Test("A store that fails is its error")
    func storeFails() async throws {
        let shop = try CatalogueShop()
        let failure = WarehouseError(code: .full, what: "full", place: "raw", remedy: "free some")
        shop.store.fail(with: failure)
        await #expect(throws: failure) { try await shop.refresh.run(.products) }
    }
}
