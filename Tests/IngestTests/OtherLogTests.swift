@testable import Ingest
import Kafka
import KafkaTestKit
import Testing
@testable import Warehouse

/// A topic that was made anew under the same name.
@Suite(.enabled(if: ApacheKafka.home != nil, "KAFKA_HOME names no Apache Kafka"), .timeLimit(.minutes(3)))
struct OtherLogTests {
    /// How the topic's second life looks beside the 50 records of its first.
    enum SecondLife: String, CaseIterable, Sendable {
        case empty, shorter, asLong, longer, markerAtTheProof
        /// As after a reader that did not notice and was stopped: the last record that it read is of the second life.
        case sameAtTheProof
    }

    // Catches a reader that goes on in the other topic as if it were the one it knows, misses its first records, or
    // writes some of them before it notices.
    @Test(
        "A topic that was made anew stops ingestion, however long it is by now; --new-log reads it all",
        arguments: SecondLife.allCases)
    func madeAnew(_ life: SecondLife) async throws {
        let shop = try await Shop.open(.apacheKafka)
        try await blocking { try shop.publish(1...50) }
        _ = try await shop.ingest()
        let dump = try shop.dump()
        try await blocking { try shop.makeAnew(life) }

        let error = try await #require(throws: (any Error).self) { try await shop.ingest() }
        let code = (error as? IngestError)?.code.rawValue ?? (error as? WarehouseError)?.code.rawValue
        #expect(code == "other_log", "\(error)")
        #expect("\(error)".contains("\(shop.topic)[0]"))
        #expect("\(error)".contains("retailflow ingest --new-log"))
        #expect(try shop.dump() == dump)

        let report = try await shop.ingest { $0.acceptsNewLog = true }
        #expect(report.reachedEnd)
        let second = try await blocking { try shop.ends() }[0].map(Int.init) ?? 0
        let records = try shop.count("SELECT count(*) FROM raw.sales WHERE log = 2")
        #expect(records == (life == .markerAtTheProof ? second - 2 : second))
        #expect(try shop.count("SELECT count(*) FROM raw.sales WHERE log = 1") == 50)
        #expect(try shop.count("SELECT count(*) FROM ods.sales") == max(50, records))
        #expect(try await shop.ingest().reachedEnd)
        // Started again in the same words, as a supervisor does, it goes on in the log that it began.
        #expect(try await shop.ingest { $0.acceptsNewLog = true }.reachedEnd)
        #expect(try shop.texts("SELECT log || ' ' || reason FROM ops.logs ORDER BY log") == ["1 first", "2 --new-log"])
    }

    // Catches a comparison that is made only where reading goes on behind the last record.
    @Test("Also a replay notices that the topic was made anew, before it writes anything")
    func replayOfAnotherLog() async throws {
        let shop = try await Shop.open(.apacheKafka)
        try await blocking { try shop.publish(1...50) }
        _ = try await shop.ingest()
        let dump = try shop.dump()
        try await blocking {
            try shop.makeAnew(.longer)
            try AdminClient(shop.cluster.configuration).alterGroupOffsets(
                shop.group, [shop.partition(0): 10], timeoutMilliseconds: timeout)
        }
        let error = try await #require(throws: IngestError.self) { try await shop.ingest() }
        #expect(error.code == .otherLog)
        #expect(error.description.contains("record 10"))
        #expect(try shop.dump() == dump)
    }

    @Test("Another cluster is another log")
    func otherCluster() async throws {
        let shop = try await Shop.open(.apacheKafka)
        try await blocking { try shop.publish(1...5) }
        _ = try await shop.ingest(cluster: "one")
        let error = try await #require(throws: WarehouseError.self) { try await shop.ingest(cluster: "two") }
        #expect(error.code == .otherLog)
        #expect(try await shop.ingest(cluster: "two") { $0.acceptsNewLog = true }.records == 5)
        #expect(try await shop.ingest(cluster: "two") { $0.acceptsNewLog = true }.records <= 1)
        #expect(try shop.texts("SELECT cluster FROM ops.logs ORDER BY log") == ["one", "two"])
        #expect(try shop.count("SELECT count(*) FROM ods.sales") == 5)
        #expect(try shop.texts("SELECT DISTINCT revision FROM ods.sales") == ["1"])
    }
}

extension Shop {
    fileprivate func makeAnew(_ life: OtherLogTests.SecondLife) throws {
        let admin = try AdminClient(cluster.configuration)
        try admin.deleteTopics([topic], timeoutMilliseconds: timeout)
        while try admin.describeTopics([topic], timeoutMilliseconds: timeout)[topic] != nil {}
        try admin.createTopics([NewTopic(topic, partitions: 1)], timeoutMilliseconds: timeout)
        try waitUntilVisible(partitions: 1)
        switch life {
        case .empty: break
        case .shorter: try publish(1...20, version: 2_000)
        case .asLong: try publish(1...50, version: 2_000)
        case .longer: try publish(1...80, version: 2_000)
        case .sameAtTheProof:
            try publish(1...49, version: 2_000)
            try publish(50...50)
            try publish(51...80, version: 2_000)
        case .markerAtTheProof:
            let producer = try producer(transactionalID: group)
            try producer.initTransactions(timeoutMilliseconds: timeout)
            for ids in [Int64(1)...49, 50...60] {
                try producer.beginTransaction()
                try publish(ids, by: producer, version: 2_000)
                try producer.commitTransaction(timeoutMilliseconds: timeout)
            }
        }
    }
}
