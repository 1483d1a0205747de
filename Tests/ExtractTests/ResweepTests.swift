import RetailAPI
import RetailAPISimulator
import Synchronization
import Telemetry
import Testing

@testable import Extract

/// The last days are listed again once a night.
@Suite("The re-sweep of the last days", .timeLimit(.minutes(2)))
struct ResweepTests {
    /// 2025-11-24 16:00 UTC, as the test clock begins.
    private static let began: Int64 = 1_764_000_000_000_000
    private static let hour: Int64 = 3_600_000_000
    private static let day = 24 * hour

    /// Due every 24 hours from the clock's beginning on.
    private static func daily(_ configuration: inout ExtractConfiguration) {
        configuration.resweepIsDue = { after, upTo in (after - began) / day < (upTo - began) / day }
        configuration.overlapSales = 0
    }

    /// Sales 1 to 90, thirty a day, on the three days before the clock's.
    private static func rows(_ ids: some Sequence<Int64> = 1...90) -> [String] {
        ids.map { Rows.sale($0, day: dayOf($0)) }
    }

    private static func dayOf(_ id: Int64) -> String { "2025-11-\(21 + (id - 1) / 30)" }

    /// A shop whose first run has published all, and a warehouse that has ingested it.
    private func shop() async throws -> (Shop, StubWarehouse) {
        let shop = try await Shop(ResweepTests.rows())
        let warehouse = try StubWarehouse()
        let report = try await shop.extract(known: warehouse, ResweepTests.daily)
        #expect(report.resweeps == 0)
        #expect(report.records == 90)
        try warehouse.ingest(ResweepTests.rows())
        return (shop, warehouse)
    }

    /// The run of a day later, when the re-sweep is due.
    private func aDayLater(_ shop: Shop, _ warehouse: StubWarehouse) async throws -> ExtractReport {
        shop.time.nowMicroseconds += ResweepTests.day
        return try await shop.extract(known: warehouse, ResweepTests.daily)
    }

    // Catches a re-sweep that compares ids and not contents, and one that publishes all that it lists.
    // Seen red with the mechanism taken out: scripts/mutations --only resweep
    @Test("What has changed or become visible late is published, and nothing else; what is gone is told")
    func oneShot() async throws {
        let (shop, warehouse) = try await shop()
        shop.time.nowMicroseconds = ResweepTests.began + ResweepTests.hour
        #expect(try await shop.extract(known: warehouse, ResweepTests.daily).resweeps == 0)
        // A day later, the 25th: two days back begin with the sales of the 23rd, 61 to 90.
        shop.time.nowMicroseconds = ResweepTests.began + ResweepTests.day + 1
        var rows = ResweepTests.rows()
        rows[64] = Rows.sale(65, day: ResweepTests.dayOf(65), quantity: 2)
        rows[9] = Rows.sale(10, day: ResweepTests.dayOf(10), quantity: 2)
        rows.removeAll { row in [61, 70, 71, 90].contains { row.contains("\"id\": \($0),") } }
        shop.simulator.replace(.sales, with: rows)
        let told = Mutex<[ResweepReport]>([])
        let extraction = try shop.extraction(
            ResweepTests.daily, known: warehouse, didResweep: { report in told.withLock { $0.append(report) } })
        let report = try await extraction.run()
        #expect(report.resweeps == 1)
        #expect(report.lateOrChanged == 1)
        #expect(report.records == 1)
        #expect(report.missing == 4)
        let found = try #require(told.withLock { $0 }.first)
        #expect(found.day == "2025-11-23")
        #expect(found.missingIDs == [61, 70, 71, 90])
        #expect(found.listed == 26)
        let values = try await shop.published().valuesBySale
        #expect(values[65]?.count == 2)
        #expect(values.values.map(\.count).reduce(0, +) == 91)
        // It is done for that night.
        try warehouse.ingest([Rows.sale(65, day: ResweepTests.dayOf(65), quantity: 2)])
        let resweepAt = try #require(try await shop.cursors()["sales"]?.resweepAt)
        #expect(resweepAt >= ResweepTests.began + ResweepTests.day)
        #expect(try await shop.extract(known: warehouse, ResweepTests.daily).resweeps == 0)
        let next = try await aDayLater(shop, warehouse)
        #expect(next.resweeps == 1)
        #expect(next.records == 0)
    }

    // Catches a listing that one faulty page makes incomplete, believed at once.
    @Test("A sale that only one faulty page left out is not said to be missing")
    func faultyPage() async throws {
        let (shop, warehouse) = try await shop()
        // The first page of the days leaves out sale 65, and the whole of 70 to 79.
        shop.line.onRequest { _, url in
            guard url.contains("start_sales_id=2025-11-23") else { return nil }
            let ids = [61, 62, 63, 64, 66, 67, 68, 69, 80, 81] as [Int64]
            return "[\(ResweepTests.rows(ids).joined(separator: ","))]"
        }
        let report = try await aDayLater(shop, warehouse)
        #expect(report.resweeps == 1)
        #expect(report.missing == 0)
        #expect(report.records == 0)
    }

    @Test("A day of which the API serves nothing any more is missing as a whole")
    func nothingServed() async throws {
        let (shop, warehouse) = try await shop()
        shop.simulator.replace(.sales, with: ResweepTests.rows(1...60))
        let report = try await aDayLater(shop, warehouse)
        #expect(report.missing == 30)
        #expect(report.records == 0)
    }

    @Test("A row without an id that keeps coming does not keep it from its end")
    func withoutID() async throws {
        let (shop, warehouse) = try await shop()
        shop.simulator.replace(
            .sales, with: ResweepTests.rows(1...69) + [Rows.withoutID("x")] + ResweepTests.rows(75...89))
        let report = try await aDayLater(shop, warehouse)
        #expect(report.missing == 6)
        #expect(report.records == 1)
        try warehouse.ingest([Rows.withoutID("x")])
        shop.time.nowMicroseconds += ResweepTests.hour
        let next = try await shop.extract(known: warehouse) {
            ResweepTests.daily(&$0)
            $0.resweepIsDue = { _, _ in true }
        }
        #expect(next.records == 0)
        #expect(next.missing == 6)
    }

    // Catches a run that notes the re-sweep as done before it is: killed in between, the night would be left out.
    @Test("Broken off, it starts over at the next run")
    func brokenOff() async throws {
        let (shop, warehouse) = try await shop()
        shop.time.nowMicroseconds += ResweepTests.day
        let before = try await shop.cursors()["sales"]?.resweepAt
        shop.line.cut(after: 4)
        #expect((await thrown { try await shop.extract(known: warehouse, ResweepTests.daily) }) is RetailAPIError)
        #expect(try await shop.cursors()["sales"]?.resweepAt == before)
        shop.line.cut(after: nil)
        #expect(try await shop.extract(known: warehouse, ResweepTests.daily).resweeps == 1)
    }

    @Test("A cursor of a program that knew no re-sweep is due for one at once")
    func olderCursor() async throws {
        let shop = try await Shop(ResweepTests.rows())
        let warehouse = try StubWarehouse(ResweepTests.rows())
        try await shop.putState(key: "sales", value: #"{"schema":1,"last_id":90,"version":1,"records":90,"pages":9}"#)
        #expect(try await shop.extract(known: warehouse, ResweepTests.daily).resweeps == 1)
    }

    // Catches a re-sweep that a clock which was ahead puts off until that day.
    @Test("One that was noted by a clock that was ahead does not keep the next nights' from being done")
    func notedInTheFuture() async throws {
        let shop = try await Shop(ResweepTests.rows())
        let warehouse = try StubWarehouse(ResweepTests.rows())
        let future = ResweepTests.began + 1_000 * ResweepTests.day
        try await shop.putState(
            key: "sales",
            value: #"{"schema":1,"last_id":90,"version":1,"records":90,"pages":9,"resweep_at":\#(future)}"#)
        shop.time.onWait { number in
            if number == 1 { shop.time.nowMicroseconds += ResweepTests.day }
        }
        let isDone = Signal()
        let extraction = try shop.extraction(
            { configuration in
                ResweepTests.daily(&configuration)
                configuration.follows = true
            }, known: warehouse, didResweep: { _ in isDone.set() })
        _ = await extraction.follow(until: isDone)
        #expect(isDone.isSet)
    }

    @Test("What lies before the beginning of extraction is not published by it")
    func beforeTheBeginning() async throws {
        let shop = try await Shop(ResweepTests.rows())
        let warehouse = try StubWarehouse()
        func configure(_ configuration: inout ExtractConfiguration) {
            ResweepTests.daily(&configuration)
            configuration.defaultStart = .id(75)
        }
        _ = try await shop.extract(known: warehouse, configure)
        try warehouse.ingest(ResweepTests.rows(75...90))
        shop.time.nowMicroseconds += ResweepTests.day
        let report = try await shop.extract(known: warehouse, configure)
        #expect(report.resweeps == 1)
        #expect(report.records == 0)
        #expect(report.missing == 0)
    }

    // Catches a re-sweep that is done in one go: new sales would wait for the whole of it.
    @Test("While following, new sales are asked for between its pages, and what it finds is published on the way")
    func interleaved() async throws {
        let (shop, warehouse) = try await shop()
        shop.time.nowMicroseconds += ResweepTests.day
        var rows = ResweepTests.rows()
        rows[79] = Rows.sale(80, day: ResweepTests.dayOf(80), quantity: 2)
        shop.simulator.replace(.sales, with: rows)
        let asked = shop.line.urls.count
        let done = Signal()
        shop.line.onRequest { _, url in
            // The second page of the re-sweep.
            if url.contains("start_sales_id=70&") { try shop.simulator.publish(sale: Rows.sale(91)) }
            return nil
        }
        let isTold = Signal()
        shop.time.onWait { _ in
            guard isTold.isSet else { return }
            try await finish(done)
        }
        let extraction = try shop.extraction(
            { configuration in
                ResweepTests.daily(&configuration)
                configuration.follows = true
                // Each wait is over after one page.
                configuration.pollMilliseconds = 1
            }, known: warehouse, didResweep: { _ in isTold.set() })
        #expect(await extraction.follow(until: done) is CancellationError)
        let starts = shop.line.urls.dropFirst(asked).compactMap { url in
            url.firstMatch(of: #/start_sales_id=([0-9-]+)/#).map { String($0.1) }
        }
        let expected = ["90", "2025-11-23", "90", "70", "90", "79", "91", "88"]
        #expect(Array(starts.prefix(expected.count)) == expected)
        let values = try await shop.published().valuesBySale
        #expect(values[91]?.count == 1)
        #expect(values[80]?.count == 2)
        #expect(values.values.map(\.count).reduce(0, +) == 92)
        #expect(try await shop.cursors()["sales"]?.resweepAt ?? 0 > ResweepTests.began + ResweepTests.day)
    }

    @Test("While following, one that fails is begun anew later, and new sales go on")
    func failsWhileFollowing() async throws {
        let (shop, warehouse) = try await shop()
        shop.time.nowMicroseconds += ResweepTests.day
        let (done, isTold) = (Signal(), Signal())
        let failures = Mutex(0)
        shop.line.onRequest { _, url in
            guard url.contains("start_sales_id=70&") else { return nil }
            guard
                failures.withLock({ failures in
                    failures += 1
                    return failures > 4
                })
            else { throw CancellationError() }
            return nil
        }
        shop.time.onWait { number in
            if number == 4 { try shop.simulator.publish(sale: Rows.sale(91)) }
            guard isTold.isSet else { return }
            try await finish(done)
        }
        let extraction = try shop.extraction(
            { configuration in
                ResweepTests.daily(&configuration)
                configuration.follows = true
            }, known: warehouse, didResweep: { _ in isTold.set() })
        let began = shop.time.nowMicroseconds
        _ = await extraction.follow(until: done)
        #expect(try await shop.published().ids.sorted() == Array(1...91))
        #expect(shop.time.nowMicroseconds - began > 300_000_000)
    }

    // Catches an overlap that counts ids where the warehouse knows the sales.
    @Test("After a restart the overlap is so many sales too, however far apart their ids are")
    func overlapAfterRestart() async throws {
        let ids = Array(stride(from: 1_000 as Int64, through: 30_000, by: 1_000))
        let shop = try await Shop(Rows.sales(ids))
        _ = try await shop.extract { $0.overlapSales = 5 }
        let warehouse = try StubWarehouse(Rows.sales(ids))
        for id in ids.suffix(6) { try shop.simulator.publish(sale: Rows.sale(id, quantity: 2)) }
        let report = try await shop.extract(known: warehouse) { $0.overlapSales = 5 }
        #expect(report.lateOrChanged == 5)
        let changed = try await shop.published().valuesBySale.filter { $0.value.count == 2 }.keys.sorted()
        #expect(changed == Array(ids.suffix(5)))
    }
}
