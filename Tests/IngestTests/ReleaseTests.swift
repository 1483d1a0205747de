@testable import Ingest
import Kafka
import KafkaTestKit
import Synchronization
import Testing
@testable import Warehouse

/// What the group's callbacks do with a batch in hand, asked directly: no group decides when they come.
@Suite(.timeLimit(.minutes(3)))
struct ReleaseTests {
    /// A consumer that was given its partition by hand, and an ingestion that believes the group gave it.
    private struct Bench {
        let shop: Shop
        let spy: SpyWriter
        let ingestion: Ingestion
        let consumer: Consumer

        init(_ shop: Shop, silence: Int = 6_000, before: @escaping @Sendable (Int) throws -> Void = { _ in }) throws {
            self.shop = shop
            spy = SpyWriter(try shop.writer(), before: before)
            ingestion = try shop.ingestion(mode: .follow, writer: spy)
            consumer = try Consumer(
                ConsumerConfiguration(
                    shop.cluster.configuration, group: shop.group,
                    properties: [
                        "session.timeout.ms": "\(silence)", "max.poll.interval.ms": "\(silence)",
                        "heartbeat.interval.ms": "200",
                    ]))
        }

        func assign() throws {
            try consumer.assign(try ingestion.assigned([shop.partition(0)], by: consumer))
        }

        func advanceUntilInFlight() throws {
            while ingestion.inFlight == nil { try ingestion.advance(consumer) }
        }
    }

    // Catches a commit of records that another member may be reading already.
    // To see it fail: in `Ingestion+Rebalance.swift`, `lost`, call `try settle(consumer)` first, as `revoked` does.
    // Seen red with the mechanism taken out: scripts/mutations --only commit-on-lost
    @Test("Of partitions that are lost nothing is committed, although their batch is written")
    func lost() async throws {
        let shop = try await Shop.open()
        try await blocking {
            try shop.publish(1...100)
            let bench = try Bench(shop)
            try bench.assign()
            try bench.advanceUntilInFlight()
            try bench.ingestion.lost([shop.partition(0)], by: bench.consumer)
            try bench.ingestion.finishInFlight(bench.consumer)
            #expect(try shop.count("SELECT count(*) FROM ods.sales") > 0)
            #expect(try shop.committed() == [:])
        }
    }

    // Catches a callback that waits for a disk as long as the disk likes, and offsets that are committed late, when the
    // partition is another member's.
    // To see it fail: in `Ingestion+Rebalance.swift`, `forget`, leave out `inFlight?.offsets[…] = nil` and
    // `uncommitted[…] = nil`, and in `settle` the `inFlight = nil`.
    // Seen red with the mechanism taken out: scripts/mutations --only commit-of-let-go,budget-of-release
    @Test("A batch whose write hangs is let go of within the budget, and never committed")
    func hangs() async throws {
        let shop = try await Shop.open()
        let gate = Gate()
        defer { gate.open() }
        try await blocking {
            try shop.publish(1...100)
            let bench = try Bench(shop) { if $0 == 1 { gate.pass() } }
            try bench.assign()
            try bench.advanceUntilInFlight()
            let write = try #require(bench.ingestion.inFlight?.write)
            let spent = try ContinuousClock().measure {
                try bench.ingestion.revoked([shop.partition(0)], by: bench.consumer)
            }
            // A fifth of six seconds; what is beyond is the machine's.
            #expect(spent >= .milliseconds(900) && spent < .milliseconds(3_000))
            #expect(bench.spy.interrupts.value == 1)
            try bench.consumer.assign([:])
            gate.open()
            // What was let go of comes about late, and changes nothing but the warehouse.
            _ = try? write.wait()
            for _ in 0..<3 { try bench.ingestion.advance(bench.consumer) }
            try bench.ingestion.finishInFlight(bench.consumer)
            #expect(try shop.committed() == [:])
        }
        #expect(try await shop.ingest().reachedEnd)
        #expect(try shop.count("SELECT count(*) FROM ods.sales") == 100)
    }

    // Catches a commit inside a callback that takes the time it has between batches.
    @Test("Offsets that no broker takes do not keep a release beyond its budget")
    func noBroker() async throws {
        let shop = try await Shop.open()
        try await blocking {
            let ingestion = try shop.ingestion(mode: .follow, writer: SpyWriter(try shop.writer()))
            let consumer = try Consumer(
                ConsumerConfiguration(
                    KafkaConfiguration(bootstrapServers: "127.0.0.1:1"), group: shop.group,
                    properties: [
                        "session.timeout.ms": "10000", "max.poll.interval.ms": "10000",
                        // Else the client itself gives up before.
                        "coordinator.query.interval.ms": "600000",
                    ]))
            ingestion.uncommitted = [0: 5]
            let spent = try ContinuousClock().measure {
                try ingestion.revoked([shop.partition(0)], by: consumer)
            }
            // A fifth of ten seconds; what is beyond is the machine's.
            #expect(spent >= .milliseconds(1_900) && spent < .milliseconds(4_000))
        }
    }

    // To see it fail: in `Ingestion+Rebalance.swift`, `revoked`, leave out `settle`.
    // Seen red with the mechanism taken out: scripts/mutations --only revoke-without-finish
    @Test("A batch that is written in time is committed before its partitions are released")
    func inTime() async throws {
        let shop = try await Shop.open()
        try await blocking {
            try shop.publish(1...100)
            let bench = try Bench(shop)
            try bench.assign()
            try bench.advanceUntilInFlight()
            let end = try #require(bench.ingestion.inFlight?.offsets[0])
            try bench.ingestion.revoked([shop.partition(0)], by: bench.consumer)
            #expect(try shop.committed() == [0: end])
        }
    }

    // Catches records that were pulled before their partition went, or that come from one that never was ours.
    // To see it fail: in `BatchAssembler.swift`, let `isOurs` be true for every partition.
    // Seen red with the mechanism taken out: scripts/mutations --only records-of-others
    @Test("Records of partitions that the group has not given are not written")
    func notOurs() async throws {
        let shop = try await Shop.open(partitions: 2)
        try await blocking {
            try shop.publish(1...100, partitions: 2)
            let bench = try Bench(shop)
            let starts = try bench.ingestion.assigned([shop.partition(0)], by: bench.consumer)
            try bench.consumer.assign(starts.merging([shop.partition(1): 0]) { given, _ in given })
            while bench.ingestion.progress[0].map({ $0.next < 50 }) ?? true {
                try bench.ingestion.advance(bench.consumer)
            }
            for _ in 0..<3 { try bench.ingestion.advance(bench.consumer) }
            try bench.ingestion.finishInFlight(bench.consumer)
            #expect(try shop.texts("SELECT DISTINCT partition FROM raw.sales") == ["0"])
            #expect(try shop.count("SELECT count(*) FROM raw.sales") == 50)
            #expect(try shop.committed(2) == [0: 50])
        }
    }
}
