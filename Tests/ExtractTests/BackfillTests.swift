import RetailAPI
import RetailAPISimulator
import Testing

@testable import Extract

/// An explicit start while the follower's cursor exists.
@Suite("Backfill", .timeLimit(.minutes(2)))
struct BackfillTests {
    /// A shop of 60 sales whose follower has published those from 31 on.
    private func shop() async throws -> Shop {
        let shop = try await Shop(Rows.sales(1...60))
        _ = try await shop.extract { configuration in
            configuration.start = .id(31)
            configuration.overlapSales = 0
        }
        #expect(try await shop.published().count == 30)
        return shop
    }

    // Catches a backfill that moves the follower's cursor, or that publishes what the warehouse holds.
    @Test("It publishes only what the warehouse does not hold, up to the follower, with a cursor of its own")
    func onlyUnknown() async throws {
        let shop = try await shop()
        let follower = try await shop.cursors()["sales"]
        for id in 61...70 as ClosedRange<Int64> { try shop.simulator.publish(sale: Rows.sale(id)) }
        try shop.simulator.publish(sale: Rows.sale(50, quantity: 2))
        let warehouse = try StubWarehouse(Rows.sales(31...60) + Rows.sales([7, 8]))
        let report = try await shop.extract(known: warehouse) { $0.start = .id(5) }
        #expect(report.isBackfill)
        #expect(report.known == 31)
        #expect(report.records == 25)
        let values = try await shop.published().valuesBySale
        #expect(values.keys.sorted() == [5, 6] + Array(9...60))
        #expect(values[50] == [Rows.sale(50), Rows.sale(50, quantity: 2)])
        #expect(values.values.map(\.count).reduce(0, +) == 30 + 25)
        let cursors = try await shop.cursors()
        #expect(cursors["sales"] == follower)
        let cursor = try #require(cursors["sales.backfill"])
        #expect(cursor.lastID == 60)
        #expect(cursor.records == 25)
        #expect(cursor.start == "5")
        #expect(cursor.end == 60)
    }

    @Test("Its versions order it and the follower: what it serves later is the newer")
    func versions() async throws {
        let shop = try await shop()
        try shop.simulator.publish(sale: Rows.sale(40, quantity: 2))
        _ = try await shop.extract { $0.start = .id(1) }
        let versions = try await shop.published().filter { $0.id == 40 }.compactMap(\.version)
        #expect(versions.count == 2 && versions[0] < versions[1])
    }

    @Test("Broken off, it goes on where it stood; every sale comes once")
    func brokenOff() async throws {
        let shop = try await shop()
        let warehouse = try StubWarehouse(Rows.sales(31...60))
        shop.line.cut(after: 2)
        let error = await thrown { try await shop.extract(known: warehouse) { $0.start = .id(1) } }
        #expect((error as? RetailAPIError)?.code == .unreachable)
        #expect(try await shop.cursors()["sales.backfill"]?.lastID == 19)
        // The follower goes on meanwhile; the backfill keeps its own end.
        shop.line.cut(after: nil)
        try shop.simulator.publish(sale: Rows.sale(61))
        _ = try await shop.extract { $0.overlapSales = 0 }
        let asked = shop.line.urls.count
        let report = try await shop.extract(known: warehouse) { $0.start = .id(1) }
        #expect(shop.line.urls[asked].contains("start_sales_id=19&"))
        #expect(report.records == 11)
        #expect(try await shop.published().ids.sorted() == Array(1...61))
        #expect(try await shop.cursors()["sales.backfill"]?.end == 60)
    }

    @Test("Finished, it is begun anew when it is asked for again")
    func again() async throws {
        let shop = try await shop()
        _ = try await shop.extract(known: try StubWarehouse(Rows.sales(31...60))) { $0.start = .id(1) }
        let asked = shop.line.urls.count
        let report = try await shop.extract(known: try StubWarehouse(Rows.sales(1...60))) { $0.start = .id(1) }
        #expect(report.records == 0)
        #expect(report.known == 60)
        #expect(shop.line.urls[asked].contains("start_sales_id=0&"))
    }

    // Catches a backfill that counts as broken off for ever: asked for again, it would look at nothing.
    @Test("It is finished too when the API no longer serves the sale where the follower stands")
    func endNotServed() async throws {
        let shop = try await shop()
        shop.simulator.replace(.sales, with: Rows.sales(1...55))
        let warehouse = try StubWarehouse(Rows.sales(1...60))
        _ = try await shop.extract(known: warehouse) { $0.start = .id(1) }
        let report = try await shop.extract(known: warehouse) { $0.start = .id(1) }
        #expect(report.known == 55)
    }

    @Test("A day is a start as well")
    func byDay() async throws {
        let rows = (1...20 as ClosedRange<Int64>).map { Rows.sale($0, day: $0 < 12 ? "2026-03-01" : "2026-03-02") }
        let shop = try await Shop(rows)
        _ = try await shop.extract { $0.start = .id(16) }
        let report = try await shop.extract(known: try StubWarehouse(rows.suffix(5).map { $0 })) {
            $0.start = .date("2026-03-02")
        }
        #expect(report.isBackfill)
        #expect(try await shop.published().ids.sorted() == Array(12...20))
        #expect(try await shop.cursors()["sales.backfill"]?.start == "2026-03-02")
    }
}
