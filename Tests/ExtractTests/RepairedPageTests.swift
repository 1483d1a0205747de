import Foundation
import Kafka
import KafkaTestKit
import RetailAPI
import RetailAPISimulator
import RetailTestKit
import Synchronization
import Testing

@testable import Extract

/// A page that the API serves unreadable: kept, repaired by hand, published as of its first answer, and passed.
@Suite("Failed pages and their repair", .timeLimit(.minutes(3)))
struct RepairedPageTests {
    private static let repaired = "[\(Rows.sale(22)),\(Rows.sale(23, quantity: 9))]"
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// A shop of 30 sales of which the 23rd breaks the page around it, with an archive.
    private func shop(on broker: TestBroker = .embedded, _ start: SimulatorConfiguration.Start = .inclusive)
        async throws -> Shop
    {
        var shop = try await Shop(Rows.sales(1...30), on: broker) {
            $0.start = start
            $0.faults = [Fault(.badRow(.unbalanced), .every(23))]
        }
        shop.pages = directory.path
        return shop
    }

    /// Extracts up to the broken sale; the file that has it.
    private func failedPage(_ shop: Shop) async throws -> String {
        let error = await thrown { try await shop.extract { $0.overlapSales = 0 } } as? RetailAPIError
        #expect(error?.code == .pageBroken)
        #expect(error?.isRetriable == true)
        return try #require(error?.keptAs)
    }

    private func write(_ text: String, _ path: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    private func told(_ path: String) throws -> [String: Any] {
        let data = try Data(contentsOf: URL(fileURLWithPath: path.dropLast(5) + ".error.json"))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    // Catches a walk that waits for ever, one that goes on without the page, and a version of today.
    @Test(
        "Extraction waits at the page; repaired and published, it has the version of its first answer, and the walk goes on",
        arguments: TestBroker.available, [SimulatorConfiguration.Start.inclusive, .exclusive])
    func repair(on broker: TestBroker, _ start: SimulatorConfiguration.Start) async throws {
        let shop = try await shop(on: broker, start)
        let path = try await failedPage(shop)
        let firstTime = shop.time.nowMicroseconds
        #expect(try await failedPage(shop) == path)
        #expect(try await shop.published().ids.sorted() == Array(1...22))
        let told = try told(path)
        let version = try #require(told["version"] as? Int64)
        #expect(told["times"] as? Int == 2)
        #expect(told["start"] as? String == "22")
        #expect(version <= firstTime)

        try write(RepairedPageTests.repaired, path)
        let warehouse = try StubWarehouse(Rows.sales(1...22))
        let report = try await shop.publish(path, known: warehouse)
        #expect(report.records == 1)
        #expect(report.known == 1)
        #expect(told["serves_start"] as? Bool == (start == .inclusive))
        let record = try #require(try await shop.published().first { $0.id == 23 })
        #expect(record.value == Rows.sale(23, quantity: 9))
        #expect(record.version == version)
        #expect(record.sourceFile.map { path.hasSuffix("/\($0)") } == true)

        let after = try await shop.extract { $0.overlapSales = 0 }
        #expect(after.lastID == 30)
        #expect(try await shop.published().ids.sorted() == Array(1...30))
        let cursors = try await shop.cursors()
        #expect(cursors["sales"]?.lastID == 30)
        // The same with the page asked for once more, as the overlap does it.
        try warehouse.ingest([Rows.sale(23, quantity: 9)] + Rows.sales(24...30))
        _ = try await shop.extract(known: warehouse) { $0.overlapSales = 1_000 }
        #expect(try await shop.published().ids.sorted() == Array(1...30))
    }

    // Catches a version that is one more than that of the last time.
    @Test("Published twice, the page has the same version twice, and its rows only where the warehouse lacks them")
    func twice() async throws {
        let shop = try await shop()
        let path = try await failedPage(shop)
        try write(RepairedPageTests.repaired, path)
        _ = try await shop.publish(path, known: StubWarehouse())
        _ = try await shop.publish(path, known: StubWarehouse())
        let records = try await shop.published().filter { $0.id == 23 }
        #expect(records.count == 2)
        #expect(Set(records.compactMap(\.version)).count == 1)
        let report = try await shop.publish(path, known: StubWarehouse([Rows.sale(22), Rows.sale(23, quantity: 9)]))
        #expect(report.records == 0)
        #expect(try await shop.cursors().first { $0.key.hasPrefix("sales.page.") }?.value.records == 4)
    }

    // Catches a publication under the follower's transactional id.
    @Test("The follower that waits is not disturbed: at its next try it goes on", .enabled(if: ApacheKafka.home != nil))
    func beside() async throws {
        let shop = try await shop(on: .apacheKafka)
        let path = try await failedPage(shop)
        try write(RepairedPageTests.repaired, path)
        shop.simulator.setFaults([])
        let published = Tally(goal: 10)
        let warehouse = try StubWarehouse(Rows.sales(1...22))
        shop.time.onWait { number in
            if number == 1 {
                _ = try await shop.publish(path, known: warehouse)
                for id in 31...32 as ClosedRange<Int64> { try shop.simulator.publish(sale: Rows.sale(id)) }
            } else if number > 2 {
                try await untilCancelled()
            }
        }
        let extraction = try shop.extraction(
            {
                $0.follows = true
                $0.overlapSales = 0
            }, didPublish: { _, records in published.add(records) })
        let following = Task { try await extraction.run() }
        Task {
            await published.wait()
            following.cancel()
        }
        let error = await failure(following)
        #expect(error is CancellationError, "\(String(describing: error))")
        #expect(try await shop.cursors()["sales"]?.lastID == 32)
    }

    @Test("Rows that are no valid sales are published as they are, each to become a reject")
    func badRows() async throws {
        let shop = try await shop()
        let path = try await failedPage(shop)
        try write(#"[{"id": 23, "datetime": "never"}, {"note": "no id"}, words]"#, path)
        let report = try await shop.publish(path, known: StubWarehouse())
        #expect(report.records == 3)
        let values = try await shop.published().map(\.value)
        #expect(values.contains(#"{"id": 23, "datetime": "never"}"#))
        #expect(values.contains("words"))
        _ = try await shop.extract { $0.overlapSales = 0 }
        #expect(try await shop.cursors()["sales"]?.lastID == 30)
    }

    @Test("A page from the archive has the version of its records; else the time of its file, if that is its answer's")
    func archived() async throws {
        var shop = try await Shop(Rows.sales(1...3))
        shop.pages = directory.path
        _ = try await shop.extract { $0.overlapSales = 0 }
        let first = try await shop.published()
        let name = try #require(first[0].sourceFile)
        let path = directory.file("sales/archive/20251124/\(name)")
        let warehouse = try StubWarehouse()
        _ = try await shop.publish(path, known: warehouse)
        let again = try await shop.published()
        #expect(again.count == 6)
        #expect(Set(again.compactMap(\.version)) == Set(first.compactMap(\.version)))
        // Raw knows it better: versions rise also when the clock does not.
        warehouse.note(page: name, version: 77)
        try write("[\(Rows.sale(3, quantity: 5))]", path)
        _ = try await shop.publish(path, known: warehouse)
        #expect(try await shop.published().first { $0.value == Rows.sale(3, quantity: 5) }?.version == 77)
        let unknown = await thrown { try await shop.publish(path, known: StubWarehouse()) } as? ExtractError
        #expect(unknown?.code == .pageFileRefused)
        #expect(unknown?.reason.contains("not known when the API first answered") == true)
    }

    @Test("What can't be published is refused with the place and what to do, and nothing is published")
    func refused() async throws {
        let shop = try await shop()
        let path = try await failedPage(shop)
        let known = try StubWarehouse()
        func refusal(_ text: String, _ path: String) async throws -> String {
            try write(text, path)
            let error = await thrown { try await shop.publish(path, known: known) { $0.recordBytesMax = 20_000 } }
            #expect((error as? ExtractError)?.code == .pageFileRefused)
            return error.map { String(describing: $0) } ?? ""
        }
        let broken = try String(contentsOfFile: path, encoding: .utf8)
        #expect(try await refusal(broken, path).contains("still no page"))
        #expect(try await refusal("[\(Rows.sale(22))]", path).contains("no sale behind 22"))
        #expect(try await refusal("[]", path).contains("give each row at least its id"))
        let large = #"[{"id": 23, "note": "\#(String(repeating: "x", count: 4_000))"}]"#
        #expect(try await refusal(large, path).contains("max.message.bytes"))
        let other = directory.file("repaired.json")
        #expect(try await refusal(RepairedPageTests.repaired, other).contains("has not the name of a page"))
        let missing = await thrown { try await shop.publish(directory.file("none"), known: known) }
        #expect((missing as? PageFileError)?.code == .cannotRead)
        #expect(try await shop.published().count == 22)
    }

    @Test(
        "Two broken rows one after the other: one repair each, whether the API serves the start or not",
        arguments: [SimulatorConfiguration.Start.inclusive, .exclusive])
    func twoInARow(_ start: SimulatorConfiguration.Start) async throws {
        var shop = try await Shop(Rows.sales(1...6)) {
            $0.start = start
            $0.faults = [Fault(.badRow(.unbalanced))]
        }
        shop.pages = directory.path
        var repairs = 0
        while let error = await thrown({ try await shop.extract { $0.overlapSales = 0 } }) {
            let path = try #require((error as? RetailAPIError)?.keptAs)
            let served = try String(contentsOfFile: path, encoding: .utf8)
            // As a person does it: the broken row is the page's last, and its id can be read.
            let id = try #require(served.split(separator: "\"id\": ").last.flatMap { Int64($0.prefix { $0.isNumber }) })
            try write("[\(Rows.sale(id))]", path)
            _ = try await shop.publish(path, known: StubWarehouse())
            repairs += 1
            try #require(repairs <= 7, "\(error)")
        }
        #expect(Set(try await shop.published().ids) == Set(1...6))
        // That the API serves the start is not known before the first one.
        #expect(repairs == (start == .inclusive ? 7 : 6))
    }

    @Test("A sale that became visible late between the start and the page does not hide the repaired page")
    func lateSale() {
        func way(_ start: SalesStart, _ first: String?, _ last: Int64, _ next: Int64?) -> Int64? {
            var page = ExtractCursor(lastID: last, version: 1, start: first)
            page.next = next
            let cursors = [
                RepairedPages.keyPrefix + "a": page, "sales": ExtractCursor(lastID: 900, version: 1, start: "1"),
            ]
            let way = RepairedPages.way(from: start, in: cursors)
            #expect(way == nil || way?.lastID == last)
            return way?.next
        }
        #expect(way(.id(22), "22", 25, 25) == 25)
        #expect(way(.id(24), "22", 25, 25) == 25)
        #expect(way(.id(25), "22", 25, 25) == nil)
        #expect(way(.id(25), "22", 25, 26) == 26)
        #expect(way(.id(26), "22", 25, 26) == nil)
        #expect(way(.id(21), "22", 25, 25) == nil)
        #expect(way(.id(22), nil, 25, nil) == nil)
        #expect(way(.date("2010-12-01"), "2010-12-01", 25, 25) == 25)
        #expect(way(.date("2010-12-02"), "2010-12-01", 25, 25) == nil)
        #expect(way(.id(3), "2010-12-01", 25, 25) == nil)
    }
}
