import RetailAPI
import RetailAPISimulator
import Testing
import Warehouse

@testable import Extract

/// An API that misbehaves: everything arrives in the end, or there is a typed error; never a silent end.
@Suite("Extraction from an API that misbehaves", .timeLimit(.minutes(3)))
struct FaultyServerTests {
    private static let passingFaults: [Fault] = [
        Fault(.fewerRows), Fault(.emptyPage, .every(3)), Fault(.repeatedPage, .every(3)),
        Fault(.lyingTotal), Fault(.cut, .every(4)), Fault(.status(500, retryAfterSeconds: nil), .every(3)),
        Fault(.status(408, retryAfterSeconds: nil), .every(3)), Fault(.status(429, retryAfterSeconds: 7), .every(3)),
        Fault(.status(503, retryAfterSeconds: 7), .every(3)), Fault(.malformed, .every(4)), Fault(.html, .every(4)),
    ]

    // Catches, among others: believing one empty page, taking a repeated page for nothing new, dropping a page on a
    // retry.
    @Test(
        "Faults that pass: every sale is published exactly once", arguments: passingFaults,
        [SimulatorConfiguration.Start.inclusive, .exclusive])
    func passing(_ fault: Fault, _ start: SimulatorConfiguration.Start) async throws {
        let shop = try await Shop(Rows.sales(1...57)) { configuration in
            configuration.start = start
            configuration.shape = .data(total: true)
            configuration.faults = [fault]
        }
        let report = try await shop.extract()
        #expect(try await shop.published().ids.sorted() == Array(1...57))
        #expect(report.lastID == 57)
        #expect(shop.simulator.counters.faultsFired[fault.name, default: 0] > 1, "the fault did not show")
        if fault.kind == .repeatedPage { #expect(report.repeatedPages > 0) }
    }

    @Test(
        "Many faults at once, by chance: every sale is published exactly once", arguments: 1...4 as ClosedRange<UInt64>)
    func mixed(_ seed: UInt64) async throws {
        let shop = try await Shop([]) { configuration in
            configuration.data = .generated(GeneratedDataConfiguration(sales: 600, firstSaleID: 1_001, seed: seed))
            configuration.seed = seed
            configuration.faults = [
                Fault(.fewerRows, .probability(0.2)), Fault(.repeatedPage, .every(7)),
                Fault(.cut, .probability(0.05)), Fault(.status(500, retryAfterSeconds: nil), .probability(0.05)),
                Fault(.status(429, retryAfterSeconds: 1), .probability(0.05)), Fault(.badRow(.missing), .every(50)),
            ]
        }
        var known = 0
        // One-shot runs, as a schedule starts them, until one ends well.
        while true {
            do {
                _ = try await shop.extract { $0.overlapSales = 0 }
                break
            } catch {
                known += 1
                try #require(known < 20, "seed \(seed): \(error)")
            }
        }
        let ids = try await shop.published().ids.sorted()
        #expect(ids.count == 600, "seed \(seed)")
        #expect(Set(ids).count == 600, "seed \(seed)")
    }

    @Test("A wait that the API asks for is kept")
    func retryAfter() async throws {
        let shop = try await Shop(Rows.sales(1...5)) { configuration in
            configuration.faults = [Fault(.status(429, retryAfterSeconds: 7), .first(2))]
        }
        _ = try await shop.extract()
        #expect(shop.time.waits == [7_000, 7_000])
    }

    @Test(
        "Faults that stay are a typed error",
        arguments: [
            (Fault(.status(500, retryAfterSeconds: nil)), RetailAPIError.Code.serverFailed),
            (Fault(.status(401, retryAfterSeconds: nil)), .keyRefused),
            (Fault(.status(404, retryAfterSeconds: nil)), .requestRefused),
            (Fault(.status(429, retryAfterSeconds: 1)), .throttled), (Fault(.cut), .unreachable),
            (Fault(.html), .notAPage), (Fault(.malformed), .pageBroken),
        ])
    func staying(_ fault: Fault, _ code: RetailAPIError.Code) async throws {
        let shop = try await Shop(Rows.sales(1...57))
        let extraction = try shop.extraction(
            { $0.transactionPagesMax = 1 }, didPublish: { _, _ in shop.simulator.setFaults([fault]) })
        let error = await thrown { try await extraction.run() }
        #expect((error as? RetailAPIError)?.code == code, "\(String(describing: error))")
        try await expectPrefix(shop)
    }

    @Test("A page that repeats for ever is an error that says from where on")
    func repeatedForEver() async throws {
        let shop = try await Shop(Rows.sales(1...57))
        let extraction = try shop.extraction(
            { configuration in
                configuration.transactionPagesMax = 1
                configuration.retries = 3
            }, didPublish: { _, _ in shop.simulator.setFaults([Fault(.repeatedPage)]) })
        let error = await thrown { try await extraction.run() } as? ExtractError
        #expect(error?.code == .repeatedPage)
        // 1, 2 and 4 seconds, of which chance takes up to half away.
        #expect(zip(shop.time.waits, [1_000, 2_000, 4_000]).allSatisfy { ($1 / 2...$1).contains($0) })
        #expect(shop.time.waits.count == 3)
        let lastID = try await expectPrefix(shop)
        #expect(error?.reason.contains("\(lastID)") == true)
    }

    // Catches an extraction that throws away what was fetched when the API fails.
    @Test("The API fails mid-way: what was fetched is published, the cursor stands there, and the next run goes on")
    func midway() async throws {
        let shop = try await Shop(Rows.sales(1...57))
        shop.line.cut(after: 3)
        let error = await thrown { try await shop.extract() }
        #expect((error as? RetailAPIError)?.code == .unreachable)
        #expect(try await expectPrefix(shop) == 28)
        shop.line.cut(after: nil)
        _ = try await shop.extract { $0.overlapSales = 0 }
        #expect(try await shop.published().ids.sorted() == Array(1...57))
    }

    @Test("A row that breaks the array stops extraction right before it, with an error and not with an end")
    func brokenRow() async throws {
        let shop = try await Shop(Rows.sales(1...30)) { $0.faults = [Fault(.badRow(.unbalanced), .every(23))] }
        let error = await thrown { try await shop.extract() }
        #expect((error as? RetailAPIError)?.code == .pageBroken)
        #expect(try await expectPrefix(shop) == 22)
    }

    @Test("A whole page without a usable id stops extraction with an error and not with an end")
    func stuck() async throws {
        var rows = Rows.sales(1...5)
        rows += (1...12).map { Rows.withoutID("\($0)") }
        rows += Rows.sales(6...9)
        let shop = try await Shop(rows)
        let error = await thrown { try await shop.extract() } as? ExtractError
        #expect(error?.code == .stuck)
        #expect(error?.reason.contains("5") == true)
        #expect(try await expectPrefix(shop) == 5)
    }

    // Catches an end that is told after the first sale of many.
    @Test("Pages of one row work with an exclusive server and are an error with an inclusive one")
    func singleRows() async throws {
        let exclusive = try await Shop(Rows.sales(1...7), pageSize: 1) { $0.start = .exclusive }
        _ = try await exclusive.extract()
        #expect(try await exclusive.published().ids.sorted() == Array(1...7))
        let inclusive = try await Shop(Rows.sales(1...7), pageSize: 1)
        let error = await thrown { try await inclusive.extract() } as? ExtractError
        #expect(error?.code == .stuck)
        #expect(error?.remedy.contains("api.page_size") == true)
    }

    @Test("The warehouse fails: an error, after what was fetched is published")
    func warehouseFails() async throws {
        let shop = try await Shop(Rows.sales(1...27))
        let warehouse = try StubWarehouse()
        let failure = WarehouseError(code: .busy, what: "busy", place: "ods", remedy: "try again")
        // It is asked for a content hash only when what was published is asked again.
        _ = try await shop.extract { $0.overlapSales = 0 }
        try shop.simulator.publish(sale: Rows.sale(28))
        let failing = FailingHashes(failure)
        let error = await thrown { try await shop.extraction(known: failing).run() }
        #expect(error as? WarehouseError == failure)
        #expect(try await expectPrefix(shop) == 28)
        warehouse.fail(with: failure)
        #expect(await thrown { try await shop.extract(known: warehouse) } as? WarehouseError == failure)
    }

    /// All sales up to the cursor are published once, none behind it; returns the cursor's last sale.
    @discardableResult
    private func expectPrefix(_ shop: Shop) async throws -> Int64 {
        let cursor = try await shop.cursors()["sales"]
        let ids = try await shop.published().ids.sorted()
        let lastID = cursor?.lastID ?? 0
        #expect(ids == Array(1..<(lastID + 1)))
        #expect(lastID > 0)
        return lastID
    }
}

/// A warehouse that answers where ingestion stands and nothing else.
private struct FailingHashes: KnownSales {
    let error: WarehouseError

    init(_ error: WarehouseError) { self.error = error }

    func contentHashes(ofSales ids: [Int64]) throws -> [Int64: Int64] { throw error }
    func knownRefusals(contentHashes: [Int64]) throws -> Set<Int64> { throw error }
    func lowestOfHighestIDs(topic: String) throws -> Int64? { nil }
    func saleIDs(in range: ClosedRange<Int64>) throws -> [Int64] { throw error }
    func saleID(numberFromLast: Int, upTo last: Int64) throws -> Int64? { nil }
    func lowestSaleID(sinceDay day: String, upTo last: Int64) throws -> Int64? { throw error }
}
