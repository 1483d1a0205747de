import Dispatch
@testable import Ingest
import Kafka
import KafkaTestKit
import Synchronization
import Telemetry
import Testing
@testable import Warehouse

/// A topic that goes, or becomes another one, while ingestion follows it.
@Suite(
    .serialized, .enabled(if: ApacheKafka.home != nil, "KAFKA_HOME names no Apache Kafka"), .timeLimit(.minutes(2)))
struct RecreatedTopicTests {
    /// What takes the place of the 50 records that were read.
    enum SecondLife: String, CaseIterable, Sendable {
        case empty, shorter, asLong, longer
        /// As after a log that was cut off and written on: it begins as the first life did.
        case otherEnd
    }

    /// Ten times as fast as time goes: waiting for something to come is what this is about.
    private static let now: @Sendable () -> Int = { Int(DispatchTime.now().uptimeNanoseconds / 100_000) }

    /// Follows a topic with 50 records, and does `body` to it once they are read and the topic was looked at.
    private func follow(
        _ shop: Shop, records: Int = 50, acceptsNewLog: Bool = false, _ lines: Lines = Lines(),
        _ body: @escaping @Sendable (_ read: Watched<Int>, _ stop: StopSignal) async throws -> Void
    ) async throws {
        if records > 0 { try await blocking { try shop.publish(1...Int64(records)) } }
        let stop = StopSignal()
        let read = Watched(0)
        _ = try await during {
            try await withTaskCancellationHandler {
                try await shop.ingest(
                    mode: .follow, stop: stop, properties: ["session.timeout.ms": "60000"],
                    hooks: .init(
                        onBatch: { batch in read.update { $0 += batch.counts.raw.inserted } },
                        now: Self.now, logger: lines.logger)
                ) { $0.acceptsNewLog = acceptsNewLog }
            } onCancel: {
                // A stall ends with the suite's time limit.
                stop.stop()
            }
        } _: {
            try await read.wait { $0 == records }
            try await body(read, stop)
        }
    }

    // Catches a consumer that waits for ever for records of a topic that is not there any more, and one that goes on
    // in the other topic.
    // Seen red with the mechanism taken out: scripts/mutations --only unproven-log,unproven-end
    @Test("A topic that is made anew while it is followed stops ingestion", arguments: SecondLife.allCases)
    func madeAnew(_ life: SecondLife) async throws {
        let shop = try await Shop.open(.apacheKafka)
        let error = try await #require(throws: IngestError.self) {
            let lines = Lines()
            try await follow(shop, lines) { _, _ in
                try await lines.all.wait { Lines.looks(in: $0) >= 2 }
                try await blocking { try shop.replace(by: life) }
            }
        }
        #expect(error.code == .otherLog)
        #expect(error.description.contains("retailflow ingest --new-log"))
        #expect(try shop.count("SELECT count(*) FROM ods.sales") == 50)
        #expect(try await shop.ingest { $0.acceptsNewLog = true }.reachedEnd)
        let second = try await blocking { try shop.ends() }[0].map(Int.init) ?? 0
        #expect(try shop.count("SELECT count(*) FROM raw.sales WHERE log = 2") == second)
    }

    // Catches a permission that counts at the start only, and records that are read by a consumer of the first life.
    @Test(
        "With --new-log a topic that is made anew is followed as another log",
        arguments: [(SecondLife.shorter, 20), (.asLong, 50), (.longer, 80)])
    func followedAnew(_ life: SecondLife, _ records: Int) async throws {
        let shop = try await Shop.open(.apacheKafka)
        let lines = Lines()
        try await follow(shop, acceptsNewLog: true, lines) { read, stop in
            defer { stop.stop() }
            try await lines.all.wait { Lines.looks(in: $0) >= 2 }
            try await blocking { try shop.replace(by: life) }
            try await read.wait { $0 == 50 + records }
        }
        #expect(try shop.count("SELECT count(*) FROM raw.sales WHERE log = 2") == records)
        #expect(try shop.count("SELECT count(*) FROM ops.logs") == 2)
        #expect(try await blocking { try shop.committed() } == [0: Int64(records)])
    }

    // Catches an end, a silence, or a consumer that does not see the topic when it is back. Taken out: `watchTopic`; the
    // time limit of `ClientHandle.deinit`.
    @Test("A topic that is deleted is waited for, with one warning")
    func deleted() async throws {
        let shop = try await Shop.open(.apacheKafka)
        let lines = Lines()
        let error = try await #require(throws: IngestError.self) {
            try await follow(shop, lines) { _, _ in
                try await blocking { try shop.deleteTopic() }
                try await lines.all.wait { $0.contains { $0.contains("waiting for=topic") } }
                try await blocking { try shop.createTopic() }
            }
        }
        #expect(error.code == .otherLog)
        #expect(lines.all.value.count { $0.contains("WARNING waiting for=") } == 1)
    }

    // Catches a consumer that goes on waiting although the topic that came back is as good as the one that went.
    @Test("A topic of which nothing was read is read when it is made anew")
    func nothingRead() async throws {
        let shop = try await Shop.open(.apacheKafka)
        let lines = Lines()
        try await follow(shop, records: 0, lines) { read, stop in
            defer { stop.stop() }
            try await lines.all.wait { $0.contains { $0.contains("partition assigned") } }
            try await blocking { try shop.replace(by: .shorter) }
            try await read.wait { $0 == 20 }
        }
        #expect(try shop.count("SELECT count(*) FROM ods.sales") == 20)
    }

    // Catches a consumer that is taken for stalled because an open transaction holds it back.
    // Seen red with the mechanism taken out: scripts/mutations --only open-transaction-stalls
    @Test("Records behind an open transaction are waited for without a decision made anew")
    func openTransaction() async throws {
        let shop = try await Shop.open(.apacheKafka)
        let lines = Lines()
        try await follow(shop, lines) { read, stop in
            defer { stop.stop() }
            let producer = try await blocking {
                let producer = try shop.producer(transactionalID: shop.group)
                try producer.initTransactions(timeoutMilliseconds: timeout)
                try producer.beginTransaction()
                try shop.publish(51...60, by: producer)
                try producer.flush(timeoutMilliseconds: timeout)
                try shop.publish(61...70)
                return producer
            }
            // The looks since then.
            let before = lines.looks
            try await lines.all.wait { Lines.looks(in: $0) >= before + 4 }
            try await blocking { try producer.commitTransaction(timeoutMilliseconds: timeout) }
            try await read.wait { $0 == 70 }
        }
        #expect(lines.all.value.count { $0.contains("partition assigned") } == 1)
        #expect(lines.all.value.allSatisfy { !$0.contains("WARNING") })
    }

    // Catches a consumer that is given nothing for ever, without an error.
    @Test(
        "A consumer that gets nothing although there is something is replaced, and not a record is missing",
        arguments: [false, true])
    func stalled(_ isAfterOutage: Bool) async throws {
        let shop = try await Shop.open(.apacheKafka)
        let stop = StopSignal()
        let read: @Sendable () throws -> Void = {
            try shop.publish(1...50)
            let ingestion = try shop.ingestion(
                mode: .follow, writer: try shop.writer(), stop: stop,
                hooks: .init(onBatch: { if $0.counts.raw.inserted == 20 { stop.stop() } }, now: Self.now))
            let configuration = ConsumerConfiguration(
                shop.cluster.configuration, group: shop.group, properties: ["session.timeout.ms": "60000"])
            ingestion.cluster = configuration.cluster
            let consumer = try Consumer(configuration, rebalanceHandler: ingestion)
            try consumer.subscribe([shop.topic])
            while ingestion.progress[0]?.next != 50 { try ingestion.advance(consumer) }
            // What was waited for is over, and no batch has come yet that shows it.
            if isAfterOutage { ingestion.outage = Outage(.kafka, now: Self.now(), pauseMin: 1, pauseMax: 1) }
            // The nearest to it that can be brought about.
            try consumer.pause([shop.partition(0)])
            try shop.publish(51...70)
            while !ingestion.isStale, !stop.isStopped { try ingestion.advance(consumer) }
            try consumer.close()
            _ = try ingestion.run(configuration)
        }
        try await withTaskCancellationHandler {
            try await blocking(read)
        } onCancel: {
            stop.stop()
        }
        #expect(try shop.count("SELECT count(*) FROM ods.sales") == 70)
    }
}

/// What was logged, to be waited for.
final class Lines: Sendable {
    let all = Watched<[String]>([])

    static func looks(in lines: [String]) -> Int { lines.count { $0.contains("topic looked at") } }
    var looks: Int { Lines.looks(in: all.value) }

    var logger: Logger {
        Logger(level: .debug, format: .text, clock: { 0 }, sink: { [all] line in all.update { $0.append(line) } })
    }
}

extension Shop {
    fileprivate func deleteTopic() throws {
        try AdminClient(cluster.configuration).deleteTopics([topic], timeoutMilliseconds: timeout)
    }

    fileprivate func createTopic() throws {
        try AdminClient(cluster.configuration).createTopics(
            [NewTopic(topic, partitions: 1)], timeoutMilliseconds: timeout)
        try waitUntilVisible(partitions: 1)
    }

    fileprivate func replace(by life: RecreatedTopicTests.SecondLife) throws {
        try deleteTopic()
        try createTopic()
        switch life {
        case .empty: break
        case .shorter: try publish(1...20, version: 2_000)
        case .asLong: try publish(1...50, version: 2_000)
        case .longer: try publish(1...80, version: 2_000)
        case .otherEnd:
            try publish(1...49)
            try publish(50...80, version: 2_000)
        }
    }
}
