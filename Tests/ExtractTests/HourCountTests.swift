import Kafka
import KafkaTestKit
import Retail
import RetailAPI
import RetailAPISimulator
import Testing

@testable import Extract

/// What extraction says that it published, for whoever balances it.
@Suite("Records counted by hour", .timeLimit(.minutes(3)))
struct HourCountTests {
    /// What the topic really has, by hour of the version.
    private func published(_ shop: Shop) async throws -> [RecordHour: HourCount] {
        try await shop.published().reduce(into: [:]) { counts, record in
            if let version = record.version { counts.add(records: 1, version: version) }
        }
    }

    // Catches a count by the clock of the publisher, one that begins anew in each process, and one without its walk.
    @Test("The counts of all walks, over hours and runs, are those of the topic")
    func counted() async throws {
        let shop = try await Shop(Rows.sales(1...60))
        // The third page is answered in the next hour.
        shop.line.onRequest { number, _ in
            if number == 3 {
                shop.time.nowMicroseconds = RecordHour(version: shop.time.nowMicroseconds).versions.upperBound
            }
            return nil
        }
        _ = try await shop.extract { configuration in
            configuration.start = .id(31)
            configuration.overlapSales = 0
        }
        #expect(try await shop.counted().count == 2)
        #expect(try await shop.counted() == published(shop))
        for id in 61...65 as ClosedRange<Int64> { try shop.simulator.publish(sale: Rows.sale(id)) }
        try shop.simulator.publish(sale: Rows.withoutID("a"))
        _ = try await shop.extract { $0.overlapSales = 0 }
        #expect(try await shop.counted() == published(shop))
        let backfill = try await shop.extract { $0.start = .id(1) }
        #expect(backfill.isBackfill && backfill.records > 0)
        #expect(try await shop.counted() == published(shop))
        let keys = try await shop.states().compactMap(\.key)
        #expect(keys.contains { $0.hasPrefix("sales.hours.") })
        #expect(keys.contains { $0.hasPrefix("sales.backfill.hours.") })
    }

    @Test("A run that publishes nothing counts nothing")
    func nothing() async throws {
        let shop = try await Shop(Rows.sales(1...5))
        _ = try await shop.extract { $0.overlapSales = 0 }
        let states = try await shop.states()
        _ = try await shop.extract { $0.overlapSales = 0 }
        #expect(try await shop.states().filter { $0.key != "sales" } == states.filter { $0.key != "sales" })
    }

    // Catches a count that is raised before the commit: a transaction published anew would count twice.
    @Test("A transaction that is aborted and published anew counts once")
    func anew() async throws {
        let shop = try await Shop(Rows.sales(1...25))
        let embedded = try #require(shop.embedded)
        // The answers to produce requests.
        embedded.failRequests(ofKind: 0, with: [.recordTooLarge, .recordTooLarge])
        let report = try await shop.extract { $0.overlapSales = 0 }
        #expect(try await shop.counted().values.map(\.records).reduce(0, +) == Int64(report.records))
        #expect(report.records == 25)
    }

    // Catches counts that are written outside of the transaction of their records.
    @Test(
        "What was never committed is not counted, by readers and by the next run",
        .enabled(if: ApacheKafka.home != nil))
    func uncommitted() async throws {
        let shop = try await Shop(Rows.sales(1...25), on: .apacheKafka)
        // Neither cursor nor count fits into the state topic: their transaction fails.
        try await shop.setLargestState(bytes: 100)
        _ = await thrown { try await shop.extract() }
        #expect(try await shop.counted() == [:])
        try await shop.setLargestState(bytes: 1_048_588)
        let hour = RecordHour(version: shop.time.nowMicroseconds)
        let dead = try await shop.sendWithoutCommit(HourCount(records: 1_000, firstVersion: 1), of: hour)
        _ = try await shop.extract { $0.overlapSales = 0 }
        #expect(try await shop.counted() == published(shop))
        #expect(try await shop.counted().values.map(\.records).reduce(0, +) == 25)
        withExtendedLifetime(dead) {}
    }

    @Test("A topic of an older program has cursors and no counts; a count that is none of ours is a typed error")
    func state() throws {
        var state = ExtractState()
        func take(_ key: String, _ text: String?) throws {
            try (text.map { Array($0.utf8) })?.withUnsafeBytes { try state.take(key: key, value: $0) }
                ?? state.take(key: key, value: nil)
        }
        try take("sales", #"{"schema":1,"last_id":5,"version":6,"records":7,"pages":8}"#)
        #expect(state.cursors["sales"]?.lastID == 5)
        #expect(state.published == [:])
        let hour = try #require(RecordHour("2025-11-24T16"))
        try take("sales.hours.2025-11-24T16", #"{"schema":1,"records":7,"first_version":9,"colour":"red"}"#)
        try take("sales.backfill.hours.2025-11-24T16", #"{"schema":1,"records":2,"first_version":3}"#)
        #expect(state.published == [hour: HourCount(records: 9, firstVersion: 3)])
        #expect(state.cursors.keys.sorted() == ["sales"])
        try take("sales.hours.2025-11-24T16", nil)
        #expect(state.published == [hour: HourCount(records: 2, firstVersion: 3)])
        for text in ["", "{}", #"{"schema":2,"records":7,"first_version":9}"#] {
            let error = #expect(throws: ExtractError.self) { try take("sales.hours.2025-11-24T16", text) }
            #expect(error?.code == .cursorUnreadable)
        }
    }

    // Catches a renamed field: another program would count from nothing.
    @Test("It is written with the names that other programs know")
    func text() throws {
        let count = HourCount(records: 7, firstVersion: 9)
        #expect(String(decoding: try count.json(), as: UTF8.self) == #"{"first_version":9,"records":7,"schema":1}"#)
        let hour = try #require(RecordHour("2025-11-24T16"))
        #expect(ExtractState.key(ofWalk: "sales.backfill", hour: hour) == "sales.backfill.hours.2025-11-24T16")
    }
}

extension Shop {
    @BlockingActor
    fileprivate func setLargestState(bytes: Int) throws {
        try AdminClient(cluster).alterTopicSettings(
            of: stateTopic, ["max.message.bytes": "\(bytes)"], timeoutMilliseconds: 30_000)
    }

    /// What an extractor leaves that dies with its count sent.
    @BlockingActor
    fileprivate func sendWithoutCommit(_ count: HourCount, of hour: RecordHour) throws -> Producer {
        let producer = try Producer(ProducerConfiguration(cluster, transactionalID: "\(stateTopic).sales"))
        try producer.initTransactions(timeoutMilliseconds: 30_000)
        try producer.beginTransaction()
        try producer.enqueue(
            topic: stateTopic, partition: 0, key: Array(ExtractState.key(ofWalk: "sales", hour: hour).utf8),
            value: try count.json())
        try producer.flush(timeoutMilliseconds: 30_000)
        return producer
    }
}
