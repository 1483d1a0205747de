@testable import Ingest
import Kafka
import KafkaTestKit
import Testing
import Warehouse

/// Setting a group's offsets, on a real Kafka.
@Suite(.enabled(if: ApacheKafka.home != nil, "KAFKA_HOME names no Apache Kafka"), .timeLimit(.minutes(3)))
struct GroupReplayTests {
    private static func replay(_ shop: Shop) throws -> GroupReplay {
        try GroupReplay(shop.cluster.configuration, group: shop.group, topic: shop.topic)
    }

    private func shop() async throws -> Shop {
        let shop = try await Shop.open(.apacheKafka)
        try await blocking { try shop.publish(1...50) }
        _ = try await shop.ingest(cluster: try await clusterID(shop))
        return shop
    }

    private func clusterID(_ shop: Shop) async throws -> String {
        try await blocking { try AdminClient(shop.cluster.configuration).clusterID(timeoutMilliseconds: timeout) }
    }

    // Catches a look at the group that is taken for a lock.
    @Test("A member that joins between the look and the change is safe: nothing is set, and it is named")
    func joinsBetween() async throws {
        let shop = try await shop()
        let replay = try Self.replay(shop)
        let plan = try await blocking { try replay.plan(.earliest, SQLiteReplaySource(try shop.warehouse())) }
        #expect(plan.moves.map(\.to) == [0])
        let id = try await clusterID(shop)
        let stop = StopSignal()
        let ready = Watched(false)
        _ = try await during {
            defer { ready.update { $0 = true } }
            return try await shop.ingest(
                mode: .follow, cluster: id, stop: stop,
                hooks: .init(endOfLog: { partition in
                    ready.update { $0 = true }
                    return try AdminClient(shop.cluster.configuration).watermarks(
                        of: partition, timeoutMilliseconds: timeout)
                }))
        } _: {
            defer { stop.stop() }
            try await ready.wait { $0 }
            let error = try await #require(throws: IngestError.self) {
                try await blocking { try replay.apply(plan) }
            }
            #expect(error.code == .groupIsLive)
            #expect(error.description.contains("group \(shop.group)"))
        }
        #expect(try await blocking { try shop.committed() } == [0: 50])
        // The members have only just left.
        try await blocking { try replay.apply(plan) }
        #expect(try await blocking { try shop.committed() } == [0: 0])
    }

    @Test("Another cluster than was read from is refused before anything is looked at")
    func otherCluster() async throws {
        let shop = try await Shop.open(.apacheKafka)
        try await blocking { try shop.publish(1...5) }
        _ = try await shop.ingest(cluster: "elsewhere")
        let error = try await #require(throws: IngestError.self) {
            try await blocking { try Self.replay(shop).plan(.earliest, SQLiteReplaySource(try shop.warehouse())) }
        }
        #expect(error.code == .otherLog)
        #expect(error.description.contains("elsewhere"))
    }
}

/// Where reading starts behind a range that was given up.
struct GivenUpRangeTests {
    private static func decision(
        committed: Int64? = 80, raw: Int64? = 80, ods: Int64? = 80, last: Int64? = 49, givenUp: [Range<Int64>]
    ) -> StartDecision {
        StartDecision(
            committed: committed, stored: StoredPosition(raw: raw, ods: ods, lastRawRecord: last),
            available: 0..<100, givenUp: givenUp)
    }

    // Catches a skip that the proof of the log undoes: it would read everything from the last record on.
    @Test("Reading does not begin at a record before it")
    func skipped() {
        let decision = Self.decision(givenUp: [50..<80])
        #expect(decision.start == 80)
        #expect(decision.proof == nil)
        #expect(decision.lost == nil && decision.fromRaw == nil && !decision.isOtherLog)
        // The same positions over markers alone: the last record is the proof.
        #expect(Self.decision(givenUp: []).start == 49)
        #expect(Self.decision(givenUp: []).proof == 49)
    }

    @Test("Once a record behind it was read, that one is the proof")
    func proofReturns() {
        let decision = Self.decision(committed: 82, raw: 82, ods: 82, last: 81, givenUp: [50..<80])
        #expect(decision.start == 81 && decision.proof == 81)
    }

    // Catches a skip that can't be taken back, and one that reaches further than it was noted.
    @Test("A replay into it or before it reads it, and so does a file that lost its position")
    func readAfterAll() {
        #expect(Self.decision(committed: 50, givenUp: [50..<80]).start == 49)
        #expect(Self.decision(committed: 60, givenUp: [50..<80]).start == 49)
        #expect(Self.decision(committed: 0, givenUp: [50..<80]).start == 0)
        #expect(Self.decision(raw: 50, givenUp: [50..<80]).start == 49)
        #expect(Self.decision(ods: 50, givenUp: [50..<80]).start == 49)
    }
}
