import RetailAPI
import RetailAPISimulator
import Testing

@testable import Extract

/// Where a run begins, what it leaves behind, and what the next one makes of it.
@Suite("Runs after runs", .timeLimit(.minutes(3)))
struct ResumeTests {
    /// A warehouse that has ingested all that was published, the highest version of a sale last.
    private func warehouse(of shop: Shop) async throws -> StubWarehouse {
        let records = try await shop.published()
        return try StubWarehouse(
            records.sorted { ($0.version ?? 0, $0.offset) < ($1.version ?? 0, $1.offset) }.map(\.value))
    }

    @Test("The cursor tells the last sale, the last version, and how much was published")
    func cursor() async throws {
        let shop = try await Shop(Rows.sales(1...57))
        _ = try await shop.extract()
        let cursors = try await shop.cursors()
        let version = try await shop.published().compactMap(\.version).max()
        #expect(
            cursors == ["sales": ExtractCursor(lastID: 57, version: version ?? 0, records: 57, pages: 7, start: "1")])
    }

    @Test("A run after the end publishes nothing and leaves the cursor as it is")
    func nothingNew() async throws {
        let shop = try await Shop(Rows.sales(1...57))
        _ = try await shop.extract()
        let (states, records) = (try await shop.states(), try await shop.published())
        let report = try await shop.extract(known: try await warehouse(of: shop))
        #expect(report.records == 0)
        #expect(report.transactions == 0)
        #expect(try await shop.states() == states)
        #expect(try await shop.published() == records)
    }

    @Test("New sales are published by the next run, and only those; its counts go on")
    func newSales() async throws {
        let shop = try await Shop(Rows.sales(1...57))
        _ = try await shop.extract()
        for id in 58...80 as ClosedRange<Int64> { try shop.simulator.publish(sale: Rows.sale(id)) }
        let report = try await shop.extract(known: try await warehouse(of: shop))
        #expect(report.records == 23)
        #expect(try await shop.published().ids.sorted() == Array(1...80))
        let cursor = try await shop.cursors()["sales"]
        #expect(cursor?.lastID == 80)
        #expect(cursor?.records == 80)
    }

    // Catches an overlap that compares ids instead of contents, or that publishes everything again.
    @Test("What changed or became visible late is published at the next run; what did not, is not")
    func overlap() async throws {
        let ids = (1...57 as ClosedRange<Int64>).filter { $0 != 33 }
        let shop = try await Shop(Rows.sales(ids) + [Rows.withoutID("x"), Rows.invalid(58)])
        _ = try await shop.extract()
        let warehouse = try await warehouse(of: shop)
        try shop.simulator.publish(sale: Rows.sale(40, quantity: 2))
        try shop.simulator.publish(sale: Rows.sale(33))
        let report = try await shop.extract(known: warehouse)
        #expect(report.lateOrChanged == 2)
        #expect(report.records == 2)
        let records = try await shop.published()
        #expect(records.count == 60)
        #expect(records.valuesBySale[40] == [Rows.sale(40), Rows.sale(40, quantity: 2)])
        #expect(records.valuesBySale[33] == [Rows.sale(33)])
        #expect(try await shop.cursors()["sales"]?.lastID == 58)
    }

    @Test("Sales that change while they are read, and ids that become visible late, are found at the end of the run")
    func overlapInOneRun() async throws {
        let shop = try await Shop(Rows.sales(1...57)) { configuration in
            configuration.faults = [Fault(.lateSale, .every(7)), Fault(.changingSale, .every(10))]
        }
        let report = try await shop.extract()
        let values = try await shop.published().valuesBySale
        #expect(values.keys.sorted() == Array(1...57))
        for (id, values) in values {
            let expected = id % 10 == 0 ? [Rows.sale(id), Rows.sale(id).changedQuantity] : [Rows.sale(id)]
            #expect(values == expected)
        }
        #expect(report.lateOrChanged > 5)
        #expect(shop.simulator.counters.faultsFired["late", default: 0] > 0)
    }

    // Catches an overlap in ids: where ids are far apart it would ask for hardly any sale again.
    @Test("The overlap is so many sales, not so many ids")
    func overlapInSales() async throws {
        let ids = Array(stride(from: 1_000 as Int64, through: 30_000, by: 1_000))
        let shop = try await Shop(Rows.sales(ids)) { $0.faults = [Fault(.changingSale)] }
        let report = try await shop.extract { $0.overlapSales = 5 }
        #expect(report.lateOrChanged == 5)
        let changed = try await shop.published().valuesBySale.filter { $0.value.count == 2 }.keys.sorted()
        #expect(changed == Array(ids.suffix(5)))
    }

    @Test("An overlap of 0 asks for nothing again")
    func noOverlap() async throws {
        let shop = try await Shop(Rows.sales(1...20)) { $0.faults = [Fault(.changingSale)] }
        let report = try await shop.extract { $0.overlapSales = 0 }
        #expect(report.lateOrChanged == 0)
        #expect(try await shop.published().count == 20)
    }

    // Catches an overlap that takes the two rows for two changes, each of the other, for ever.
    @Test("A listing that has one id twice: the last counts, and it is not published again and again")
    func twiceInOneListing() async throws {
        let shop = try await Shop(Rows.sales(1...5) + [Rows.sale(3, quantity: 2)])
        _ = try await shop.extract()
        #expect(try await shop.published().valuesBySale[3] == [Rows.sale(3), Rows.sale(3, quantity: 2)])
        let report = try await shop.extract(known: try await warehouse(of: shop))
        #expect(report.records == 0)
    }

    // Catches versions taken from the clock alone: a correction from after the clock was set back would be dropped as
    // older than what it corrects.
    @Test("Versions rise on when the clock was set back")
    func clockSetBack() async throws {
        let shop = try await Shop(Rows.sales(1...25))
        _ = try await shop.extract()
        let before = try await shop.published().compactMap(\.version).max() ?? .max
        shop.time.nowMicroseconds -= 3_600_000_000
        let warehouse = try await warehouse(of: shop)
        try shop.simulator.publish(sale: Rows.sale(25, quantity: 2))
        for id in 26...47 as ClosedRange<Int64> { try shop.simulator.publish(sale: Rows.sale(id)) }
        _ = try await shop.extract(known: warehouse)
        let later = try await shop.published().filter { ($0.version ?? 0) > before }
        #expect(later.ids.sorted() == Array(25...47))
        for record in later { #expect(Int64(record.headers["extracted_at"] ?? "") ?? .max < before) }
        // One version a page, and each page a higher one.
        let versions = Dictionary(grouping: later.filter { $0.id != 25 }) { $0.version ?? 0 }.sorted { $0.key < $1.key }
        #expect(versions.map(\.key) == [before + 1, before + 2, before + 3])
        #expect(versions.map { $0.value.ids.min() } == [26, 35, 44])
    }

    @Test("A walk that begins with a day begins with that day's first sale", arguments: [false, true])
    func startByDay(_ isExclusive: Bool) async throws {
        let rows = (1...20 as ClosedRange<Int64>).map { Rows.sale($0, day: $0 < 12 ? "2026-03-01" : "2026-03-02") }
        let shop = try await Shop(rows) { $0.start = isExclusive ? .exclusive : .inclusive }
        _ = try await shop.extract { $0.start = .date("2026-03-02") }
        #expect(try await shop.published().ids.sorted() == Array(12...20))
    }

    // Catches a start asked as it is: an exclusive server would leave the very sale out that was asked for.
    @Test(
        "A walk that begins with a sale begins with it, whether the server's start is inclusive or not",
        arguments: [SimulatorConfiguration.Start.inclusive, .exclusive])
    func startByID(_ start: SimulatorConfiguration.Start) async throws {
        let shop = try await Shop(Rows.sales(1...40)) { $0.start = start }
        _ = try await shop.extract { $0.start = .id(17) }
        #expect(try await shop.published().ids.sorted() == Array(17...40))
        #expect(shop.line.urls.first?.contains("start_sales_id=16&") == true)
    }

    // Catches an overlap that reaches back behind the start, in the run that began there and in those after it.
    @Test(
        "What is before the start is never asked for, nor published, as long as nobody backfills it",
        arguments: [SalesStart.id(31), .date("2026-03-02")])
    func nothingBeforeTheStart(_ start: SalesStart) async throws {
        let rows = (1...40 as ClosedRange<Int64>).map { Rows.sale($0, day: $0 < 31 ? "2026-03-01" : "2026-03-02") }
        let shop = try await Shop(rows)
        _ = try await shop.extract { $0.start = start }
        #expect(try await shop.published().ids.sorted() == Array(31...40))
        try shop.simulator.publish(sale: Rows.sale(30, day: "2026-03-01", quantity: 2))
        try shop.simulator.publish(sale: Rows.sale(41))
        _ = try await shop.extract(known: try await warehouse(of: shop))
        #expect(try await shop.published().ids.sorted() == Array(31...41))
        #expect(try await shop.cursors()["sales"]?.start == start.description)
    }

    // Catches an overlap that begins at the first sale which the day happened to show.
    @Test("A sale of the first day that becomes visible late is published, though its id is below the first one's")
    func lateOnTheFirstDay() async throws {
        let rows = (31...40 as ClosedRange<Int64>).map { Rows.sale($0, day: "2026-03-02") }
        let shop = try await Shop(rows)
        _ = try await shop.extract { $0.start = .date("2026-03-02") }
        try shop.simulator.publish(sale: Rows.sale(29, day: "2026-03-02"))
        _ = try await shop.extract()
        #expect(Set(try await shop.published().ids) == Set(31...40).union([29]))
    }

    // Catches a first run that leaves no trace: the next one, on another day, would begin there.
    @Test("A first run that met no sale is gone on with from where it began, whatever is configured by then")
    func beginningWithoutSales() async throws {
        let shop = try await Shop([])
        _ = try await shop.extract { $0.defaultStart = .date("2026-03-01") }
        #expect(try await shop.cursors()["sales"]?.start == "2026-03-01")
        try shop.simulator.publish(sale: Rows.sale(7, day: "2026-03-01"))
        try shop.simulator.publish(sale: Rows.sale(8, day: "2026-03-02"))
        _ = try await shop.extract { $0.defaultStart = .date("2026-03-02") }
        #expect(try await shop.published().ids.sorted() == [7, 8])
    }

    @Test("Without a start and a cursor it begins where it is configured to")
    func defaultStart() async throws {
        let shop = try await Shop(Rows.sales(1...40))
        _ = try await shop.extract { $0.defaultStart = .id(31) }
        #expect(try await shop.published().ids.sorted() == Array(31...40))
    }

    @Test("Without a cursor it begins behind what the warehouse has ingested, less the overlap")
    func fallback() async throws {
        let shop = try await Shop(Rows.sales(1...40))
        let warehouse = try StubWarehouse(Rows.sales(1...30), lowestOfHighestIDs: 30)
        _ = try await shop.extract(known: warehouse) {
            $0.overlapSales = 8
            $0.defaultStart = .id(39)
        }
        #expect(try await shop.published().ids.sorted() == Array(22...40))
    }

    // Catches a cursor that says "nothing passed" in the words of "begin at the first sale of all".
    @Test("A walk by day that has met no sale yet is begun by that day again")
    func dayWithoutSales() async throws {
        let old = (1...5 as ClosedRange<Int64>).map { Rows.sale($0, day: "2026-03-01") }
        let shop = try await Shop(old + [#"{"datetime":"2026-03-02T09:00:00"}"#])
        _ = try await shop.extract { $0.start = .date("2026-03-02") }
        try shop.simulator.publish(sale: Rows.sale(6, day: "2026-03-02"))
        _ = try await shop.extract { $0.defaultStart = .date("2026-03-02") }
        #expect(try await shop.published().ids == [6])
    }

    @Test("A cursor that is not one of ours stops extraction before anything is published")
    func strangeCursor() async throws {
        let shop = try await Shop(Rows.sales(1...5))
        try await shop.putState(key: "sales", value: "hello")
        let error = await thrown { try await shop.extract() } as? ExtractError
        #expect(error?.code == .cursorUnreadable)
        #expect(try await shop.published() == [])
    }

    @Test("A cursor that was deleted is none")
    func deletedCursor() async throws {
        let shop = try await Shop(Rows.sales(1...5))
        try await shop.putState(key: "sales", value: #"{"schema":1,"last_id":4,"version":1,"records":4,"pages":1}"#)
        try await shop.putState(key: "sales", value: nil)
        _ = try await shop.extract()
        #expect(try await shop.published().ids.sorted() == Array(1...5))
    }
}

extension String {
    /// As the simulator changes a sale.
    fileprivate var changedQuantity: String { replacing(#""quantity": 1,"#, with: #""quantity": 2,"#) }
}
