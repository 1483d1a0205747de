@testable import Ingest
import Kafka
import KafkaTestKit
import Synchronization
import Testing
@testable import Warehouse

/// What becomes of records in hand when the group moves partitions.
@Suite(.timeLimit(.minutes(5)))
struct RebalanceTests {
    // Catches partitions that are given away with their batch unfinished or uncommitted, and records that are lost or
    // read by both.
    @Test(
        "The batch in hand is written and committed before its partitions go to another member",
        arguments: TestBroker.available)
    func revoke(_ broker: TestBroker) async throws {
        let shop = try await Shop.open(broker, partitions: 4)
        try await blocking { try shop.publish(1...400, partitions: 4) }
        let writer = try shop.writer()
        let first = SpyWriter(writer)
        let stopFirst = StopSignal()
        let second = SpyWriter(writer)
        let stopSecond = StopSignal()
        let atAssignment = Watched<[Int32: Int64]?>(nil)
        let held = Watched<[Int32: Int64]>([:])
        _ = try await during {
            // Nothing asks this member to finish its batch but the rebalance: the next record may take ten minutes.
            try await shop.ingest(mode: .follow, writer: first, stop: stopFirst) {
                $0.batchMilliseconds = 2_000
                $0.idleMilliseconds = 600_000
            }
        } _: {
            defer { stopFirst.stop() }
            try await first.batches.wait { $0.count == 1 }
            _ = try await during {
                try await shop.ingest(
                    mode: .follow, writer: second, stop: stopSecond,
                    hooks: .init(endOfLog: { partition in
                        let committed = try shop.committed(4)
                        held.update { $0 = first.ends }
                        atAssignment.update { $0 = $0 ?? committed }
                        return try AdminClient(shop.cluster.configuration).watermarks(
                            of: partition, timeoutMilliseconds: timeout)
                    }))
            } _: {
                defer { stopSecond.stop() }
                try await atAssignment.wait { $0 != nil }
                try await blocking { try shop.publish(401...800, partitions: 4) }
                try await second.batches.wait { SpyWriter.ends(of: $0).values.count { $0 == 200 } == 2 }
            }
        }
        // The embedded broker takes no commit while the group rebalances: there the batch is read again.
        let commitsCount = broker != .embedded
        if commitsCount { #expect(atAssignment.value == held.value) }
        _ = try await shop.ingest(writer: writer)
        #expect(try shop.count("SELECT count(*) FROM raw.sales") == 800)
        #expect(try shop.count("SELECT count(*) FROM ods.sales") == 800)
        #expect(try await blocking { try shop.committed(4) } == [0: 200, 1: 200, 2: 200, 3: 200])
        // The second member took over behind what the first had committed: at most the proof comes twice.
        for batch in second.batches.value where commitsCount {
            for (partition, offsets) in batch {
                #expect((offsets.first ?? 0) >= (held.value[partition] ?? 0) - 1)
            }
        }
    }

    // Catches an end that is declared because all partitions were taken away.
    @Test(
        "A member that was silent for too long loses its partitions, joins again and reads to the end",
        arguments: TestBroker.available)
    func silence(_ broker: TestBroker) async throws {
        let shop = try await Shop.open(broker)
        try await blocking { try shop.publish(1...1_000) }
        let wasSilent = Gate()
        // The embedded broker takes 5 seconds to let a member in.
        let silence = broker == .embedded ? "8000" : "2000"
        let report = try await shop.ingest(
            properties: ["session.timeout.ms": silence, "max.poll.interval.ms": silence],
            hooks: .init(
                logHandler: { if $0.facility == "MAXPOLL" { wasSilent.open() } },
                // On the thread that polls: the first batch holds it until the group has lost patience.
                onBatch: { _ in wasSilent.pass() })
        ) {
            $0.batchRecords = 100
            $0.batchMilliseconds = 60_000
            $0.idleMilliseconds = 1_000
        }
        #expect(report.reachedEnd)
        #expect(try shop.count("SELECT count(*) FROM raw.sales") == 1_000)
        #expect(try shop.count("SELECT count(*) FROM ods.sales") == 1_000)
        #expect(try await blocking { try shop.committed() } == [0: 1_000])
    }

    // Catches an end that is declared between the partitions' going and their coming.
    @Test("An ingestion that reads to the end does so although another member comes", arguments: TestBroker.available)
    func endAcrossRebalance(_ broker: TestBroker) async throws {
        let shop = try await Shop.open(broker, partitions: 2)
        try await blocking { try shop.publish(1...2_000, partitions: 2) }
        let hasHeard = Gate()
        let owned = Watched<[Int32]>([])
        let writer = try shop.writer()
        let spy = SpyWriter(writer) { if $0 == 1 { hasHeard.pass() } }
        let other = OtherMember(shop)
        let first = try await during {
            defer { other.stop() }
            return try await shop.ingest(
                writer: spy, properties: ["debug": "cgrp"],
                // The group has told this member to give its partitions up, which it has yet to do.
                hooks: .init(
                    logHandler: { if $0.message.contains("is rebalancing") { hasHeard.open() } },
                    endOfLog: { partition in
                        owned.update { $0.append(partition.partition) }
                        return try AdminClient(shop.cluster.configuration).watermarks(
                            of: partition, timeoutMilliseconds: timeout)
                    })
            ) {
                $0.batchRecords = 100
                $0.batchMilliseconds = 60_000
                $0.idleMilliseconds = 1_000
            }
        } _: {
            defer { hasHeard.open() }
            try await spy.batches.wait { $0.count == 1 }
            try await other.run()
        }
        #expect(first.reachedEnd)
        // Of the partitions that it had at last, everything was read.
        let last = Set(owned.value.dropFirst(2))
        #expect(!last.isEmpty)
        for partition in last {
            #expect(try shop.count("SELECT count(*) FROM raw.sales WHERE partition = \(partition)") == 1_000)
        }
        #expect(try await shop.ingest(writer: writer).reachedEnd)
        #expect(try shop.count("SELECT count(*) FROM ods.sales") == 2_000)
    }

    // Catches an end that is declared while another member holds the rest and is about to be gone: take `mayEnd()` out of
    // the condition in `Ingestion.read(by:)`.
    @Test(
        "An ingestion that reads to the end reads also what another member gives back", arguments: TestBroker.available)
    func endAfterOther(_ broker: TestBroker) async throws {
        let shop = try await Shop.open(broker, partitions: 2)
        try await blocking { try shop.publish(1...2_000, partitions: 2) }
        let spy = SpyWriter(try shop.writer())
        let other = OtherMember(shop)
        try await during {
            try await other.run()
        } _: {
            defer { other.stop() }
            try await other.hasJoined.wait { $0 }
            let report = try await during {
                try await shop.ingest(writer: spy) { $0.partitions = 2 }
            } _: {
                defer { other.stop() }
                try await spy.batches.wait { SpyWriter.ends(of: $0).values.contains(1_000) }
            }
            #expect(report.reachedEnd)
        }
        #expect(try shop.count("SELECT count(*) FROM ods.sales") == 2_000)
    }
}

/// Somebody else in the group, who reads nothing.
private final class OtherMember: Sendable {
    private let shop: Shop
    private let ends = Mutex(false)
    let hasJoined = Watched(false)

    init(_ shop: Shop) { self.shop = shop }

    func stop() { ends.withLock { $0 = true } }

    func run() async throws {
        try await blocking { [self] in
            let consumer = try Consumer(
                ConsumerConfiguration(
                    shop.cluster.configuration, group: shop.group,
                    properties: ["session.timeout.ms": "6000", "heartbeat.interval.ms": "200"]),
                rebalanceHandler: AtTheEnd(hasJoined))
            try consumer.subscribe([shop.topic])
            while !ends.withLock({ $0 }) { _ = try consumer.poll(recordsMax: 1, waitMilliseconds: 50) }
            try consumer.close()
        }
    }

    private final class AtTheEnd: RebalanceHandler {
        private let hasJoined: Watched<Bool>

        init(_ hasJoined: Watched<Bool>) { self.hasJoined = hasJoined }

        func assigned(_ partitions: [TopicPartition], by consumer: Consumer) throws -> [TopicPartition: Int64] {
            hasJoined.update { $0 = true }
            return partitions.reduce(into: [:]) { $0[$1] = LogicalOffset.end }
        }
    }
}
