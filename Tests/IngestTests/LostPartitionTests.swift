@testable import Ingest
import Kafka
import KafkaTestKit
import Retail
import Telemetry
import Testing
@testable import Warehouse

/// What is committed of a batch in hand when some of its partitions go, by the callbacks themselves: a group that
/// takes partitions away refuses most such commits anyway, but not all (a group without members takes any).
@Suite(.timeLimit(.minutes(2)))
struct LostPartitionTests {
    /// What was committed at once, by the callback, and when the batch in hand was finished after it.
    private struct Committed {
        var atOnce: [Int32: Int64]
        var inTheEnd: [Int32: Int64]
        var written: Int64?
    }

    /// Calls back an ingestion with a batch in hand that ends at offset 100 of partition 0 and at 50 of partition 1.
    private static func withBatchInHand(
        _ callBack: @Sendable @escaping (Ingestion, TopicPartition, Consumer) throws -> Void
    ) async throws -> Committed {
        let shop = try await Shop.open(partitions: 2)
        // On one thread, which owns the consumer.
        return try await blocking {
            let writer = try shop.writer()
            let ingestion = try Ingestion(
                IngestConfiguration(topic: shop.topic, mode: .follow, cluster: "cluster-1"), writer: writer,
                logs: SQLiteLogLedger(try shop.warehouse(), ephemeralClusterPrefix: "embedded-"), timeZone: .utc,
                logger: .silent, stop: StopSignal(), endOfLog: { _ in 0..<1_000 })
            let ends: [Int32: Int64] = [0: 100, 1: 50]
            let batch = IngestBatch(
                records: [], owner: shop, log: ingestion.log, topic: shop.topic, sales: SaleBatch(), nextOffsets: ends)
            ingestion.inFlight = Ingestion.InFlight(write: writer.write(batch), records: 0, bytes: 0, offsets: ends)
            let consumer = try Consumer(ConsumerConfiguration(shop.cluster.configuration, group: shop.group))
            try callBack(ingestion, shop.partition(0), consumer)
            let atOnce = try shop.committed(2)
            try ingestion.finishInFlight(consumer)
            try consumer.close()
            return Committed(
                atOnce: atOnce, inTheEnd: try shop.committed(2),
                written: try writer.storedPositions(log: ingestion.log)[0]?.raw)
        }
    }

    // Catches a `lost` that finishes its batch, or that leaves the partition's offset in it (`forget`): the partition
    // is another member's, who may have been sent back to read again.
    // Seen red with the mechanism taken out: scripts/mutations --only commit-on-lost,commit-of-revoked
    @Test("Of partitions that are lost nothing is committed, neither at once nor with the rest of the batch")
    func lost() async throws {
        let committed = try await Self.withBatchInHand { try $0.lost([$1], by: $2) }
        #expect(committed.atOnce == [:])
        #expect(committed.inTheEnd == [1: 50])
        #expect(committed.written == 100)
    }

    // Catches a `revoked` that gives partitions away with their batch in hand.
    // Seen red with the mechanism taken out: scripts/mutations --only revoke-without-finish
    @Test("Of partitions that are revoked the batch in hand is written and committed first, and not again later")
    func revoked() async throws {
        let committed = try await Self.withBatchInHand { try $0.revoked([$1], by: $2) }
        #expect(committed.atOnce == [0: 100, 1: 50])
        #expect(committed.inTheEnd == [0: 100, 1: 50])
    }
}
