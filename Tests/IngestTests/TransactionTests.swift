@testable import Ingest
import Kafka
import KafkaTestKit
import Testing
import Warehouse

/// What only a real broker does: isolation, markers, open transactions.
@Suite(.enabled(if: ApacheKafka.home != nil, "KAFKA_HOME names no Apache Kafka"), .timeLimit(.minutes(3)))
struct TransactionTests {
    // Catches a reader that sees aborted records, and a commit of the last record's offset plus one, which leaves the
    // markers behind it as a lag for ever.
    @Test("Records of aborted transactions are not read, and the lag is 0 afterwards, markers included")
    func markers() async throws {
        let shop = try await Shop.open(.apacheKafka, partitions: 2)
        try await blocking {
            let producer = try shop.producer(transactionalID: shop.group)
            try producer.initTransactions(timeoutMilliseconds: timeout)
            for (ids, commits) in [(Int64(1)...10, true), (11...20, false), (21...30, true), (31...40, false)] {
                try producer.beginTransaction()
                try shop.publish(ids, by: producer, partitions: 2)
                try producer.flush(timeoutMilliseconds: timeout)
                if commits {
                    try producer.commitTransaction(timeoutMilliseconds: timeout)
                } else {
                    try producer.abortTransaction(timeoutMilliseconds: timeout)
                }
            }
        }
        let report = try await shop.ingest()
        #expect(report.counts.ods.inserted == 20)
        #expect(
            try shop.texts("SELECT id FROM ods.sales ORDER BY id").compactMap { Int($0) }
                == Array(1...10) + Array(21...30))
        let ends = try await blocking { try shop.ends(2) }
        #expect(ends == [0: 24, 1: 24])
        #expect(try await blocking { try shop.committed(2) } == ends)
        // Nothing new: the end is known although only markers lie before it, and although the last record is read once
        // more the group is not taken back to it.
        let dump = try shop.dump()
        let committed = Watched<[[Int32: Int64]]>([])
        let again = try await shop.ingest(
            hooks: .init(onBatch: { _ in
                let offsets = (try? shop.committed(2)) ?? [:]
                committed.update { $0.append(offsets) }
            })
        ) { $0.batchRecords = 1 }
        #expect(again.counts.raw.inserted == 0)
        #expect(again.counts.raw.known == 2)
        #expect(try shop.dump() == dump)
        #expect(committed.value.count >= 2)
        #expect(committed.value.allSatisfy { $0 == ends }, "\(committed.value)")
    }

    // Catches an end that is never reached because it lies behind a transaction that nobody ends, and one that is
    // declared at the transaction's first record.
    @Test("Reading to the end waits for the open transaction of a dead producer, and ends after its timeout")
    func deadProducer() async throws {
        let shop = try await Shop.open(.apacheKafka)
        let dead = try await blocking { () -> Producer in
            let producer = try shop.producer(
                transactionalID: shop.group,
                properties: ["transaction.timeout.ms": "2000", "delivery.timeout.ms": "2000"])
            try producer.initTransactions(timeoutMilliseconds: timeout)
            try producer.beginTransaction()
            try shop.publish(1...10, by: producer)
            try producer.commitTransaction(timeoutMilliseconds: timeout)
            try producer.beginTransaction()
            try shop.publish(11...20, by: producer)
            try producer.flush(timeoutMilliseconds: timeout)
            // Behind the open transaction: held back until it is over.
            try shop.publish(21...30)
            return producer
        }
        let report = try await shop.ingest()
        #expect(report.reachedEnd)
        #expect(
            try shop.texts("SELECT id FROM ods.sales ORDER BY id").compactMap { Int($0) }
                == Array(1...10) + Array(21...30))
        let ends = try await blocking { try shop.ends() }
        #expect(ends == [0: 32])
        // The marker that ends the transaction came after the start: the next run passes it.
        #expect(try await shop.ingest().counts.raw.inserted == 0)
        #expect(try await blocking { try shop.committed() } == ends)
        withExtendedLifetime(dead) {}
    }

    // Catches partitions that nobody reads because they came later.
    @Test("Partitions that are added are read from their first record on, also while following")
    func morePartitions() async throws {
        let shop = try await Shop.open(.apacheKafka)
        try await blocking { try shop.publish(1...10) }
        let stop = StopSignal()
        let read = Watched(0)
        _ = try await during {
            try await shop.ingest(
                mode: .follow, stop: stop, properties: ["topic.metadata.refresh.interval.ms": "300"],
                hooks: .init(onBatch: { batch in read.update { $0 += batch.counts.raw.inserted } }))
        } _: {
            defer { stop.stop() }
            try await read.wait { $0 == 10 }
            try await blocking {
                let admin = try AdminClient(shop.cluster.configuration)
                try admin.createPartitions(of: shop.topic, total: 3, timeoutMilliseconds: timeout)
                try shop.waitUntilVisible(partitions: 3)
                try shop.publish(11...40, partitions: 3)
            }
            try await read.wait { $0 == 40 }
        }
        #expect(try shop.count("SELECT count(*) FROM ods.sales") == 40)
        #expect(try await blocking { try shop.committed(3) } == (try await blocking { try shop.ends(3) }))
    }
}
