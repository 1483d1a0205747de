@testable import Ingest
import Kafka
import KafkaTestKit
import Synchronization
import Testing
@testable import Warehouse

/// A member that slept until the group had given its partitions away, and does not know it.
@Suite(.enabled(if: ApacheKafka.home != nil, "KAFKA_HOME names no Apache Kafka"), .timeLimit(.minutes(3)))
struct ZombieTests {
    // Catches a sleeper that writes on as if it owned the partitions, that commits what another has committed behind
    // already, and that never comes back. To see it fail: let `mayBeForgotten` be false.
    // Seen red with the mechanism taken out: scripts/mutations --only sleeper
    @Test("A member that wakes up after another took over writes and commits nothing, and joins again")
    func wakesUp() async throws {
        let shop = try await Shop.open(.apacheKafka)
        try await blocking { try shop.publish(1...300) }
        let writer = try shop.writer()
        let (sleeper, other) = (SpyWriter(writer), SpyWriter(writer))
        let (stopSleeper, stopOther) = (StopSignal(), StopSignal())
        let isAwake = Gate()
        let asleep = Watched(false)
        let taken = Watched(0)
        let joined = Watched(0)
        let properties = ["session.timeout.ms": "3000", "max.poll.interval.ms": "3000"]
        _ = try await during {
            try await shop.ingest(
                mode: .follow, writer: sleeper, stop: stopSleeper, properties: properties,
                hooks: .init(
                    endOfLog: { partition in
                        joined.update { $0 += 1 }
                        return try AdminClient(shop.cluster.configuration).watermarks(
                            of: partition, timeoutMilliseconds: timeout)
                    },
                    onBatch: { _ in
                        if !asleep.value {
                            asleep.update { $0 = true }
                            isAwake.pass()
                        }
                    })
            ) { $0.batchRecords = 100 }
        } _: {
            defer {
                isAwake.open()
                stopSleeper.stop()
            }
            try await asleep.wait { $0 }
            _ = try await during {
                try await shop.ingest(
                    mode: .follow, writer: other, stop: stopOther,
                    hooks: .init(onBatch: { batch in taken.update { $0 += batch.counts.raw.inserted } }))
            } _: {
                defer { stopOther.stop() }
                try await taken.wait { $0 == 200 }
                isAwake.open()
                // Two members and one partition: the group may give it back or not.
                try await blocking { try shop.publish(301...400) }
            }
            // The other one has gone: now the partition can only be the sleeper's.
            try await blocking { try shop.publish(401...500) }
            try await joined.wait { $0 >= 2 }
            try await sleeper.batches.wait { SpyWriter.ends(of: $0)[0] == 500 }
        }
        // Behind what it wrote before it slept it wrote only what it was given anew.
        let own = sleeper.batches.value
        #expect(own.first?[0] == Array(0..<100))
        #expect((own.dropFirst().first?[0]?.first ?? 0) >= 299)
        #expect(try shop.count("SELECT count(*) FROM raw.sales") == 500)
        #expect(try shop.count("SELECT count(*) FROM ods.sales") == 500)
        #expect(try await blocking { try shop.committed() } == [0: 500])
    }
}
