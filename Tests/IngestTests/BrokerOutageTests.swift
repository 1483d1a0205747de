@testable import Ingest
import Kafka
import KafkaTestKit
import Synchronization
import Testing
@testable import Warehouse

/// Brokers that go away while ingestion follows, on a cluster of the test's own.
@Suite(
    .serialized, .enabled(if: ApacheKafka.home != nil, "KAFKA_HOME names no Apache Kafka"), .timeLimit(.minutes(4)))
struct BrokerOutageTests {
    // Catches an end when no broker answers: at a commit, at the look for the ends, or while fetching.
    @Test("A broker that is killed and started again, with a batch in hand, ends nothing and costs nothing")
    func restart() async throws {
        let kafka = try await ApacheKafka()
        let shop = try await Shop.open(on: kafka)
        try await blocking { try shop.publish(1...300) }
        let stop = StopSignal()
        let isDown = Gate()
        let read = Watched(0)
        let writer = try shop.writer()
        let spy = SpyWriter(writer) { if $0 == 2 { isDown.pass() } }
        _ = try await during {
            try await shop.ingest(
                mode: .follow, writer: spy, stop: stop,
                properties: ["max.poll.interval.ms": "10000", "socket.timeout.ms": "2000"],
                hooks: .init(onBatch: { batch in read.update { $0 += batch.counts.raw.inserted } })
            ) { $0.batchRecords = 100 }
        } _: {
            defer {
                isDown.open()
                stop.stop()
            }
            try await spy.batches.wait { $0.count >= 2 }
            try kafka.kill(1)
            isDown.open()
            // Written although nobody takes the commit.
            try await read.wait { $0 >= 200 }
            try await kafka.start(1)
            try await blocking { try shop.publish(301...400) }
            try await read.wait { $0 == 400 }
        }
        _ = try await shop.ingest(writer: writer)
        #expect(try shop.count("SELECT count(*) FROM raw.sales") == 400)
        #expect(try shop.count("SELECT count(*) FROM ods.sales") == 400)
        #expect(try await blocking { try shop.committed() } == [0: 400])
    }
}
