@testable import Ingest
import Kafka
import KafkaTestKit
import Testing

/// Where partitions begin and end, while brokers change places.
@Suite(.timeLimit(.minutes(1)))
struct LogEndsTests {
    private let notLeader = KafkaError.Code(rawValue: 6)

    // Catches an ingestion that ends because a partition's leader has just moved.
    @Test("A broker that leads the partition no longer is asked no more: the one that does is")
    func movedLeader() async throws {
        try await blocking {
            let cluster = try EmbeddedCluster()
            try cluster.createTopic("moved", partitions: 1)
            let ends = try LogEnds(cluster.configuration)
            // 2: the request for offsets; twice for each question.
            cluster.failRequests(ofKind: 2, with: [notLeader, notLeader, notLeader])
            #expect(try ends.range(of: TopicPartition(topic: "moved", partition: 0)) == 0..<0)
        }
    }

    // Catches a question that is asked for ever.
    @Test("A partition that there is not is told at once, a topic without a leader after the time that was given")
    func gone() async throws {
        try await blocking {
            let cluster = try EmbeddedCluster()
            try cluster.createTopic("gone", partitions: 1)
            let ends = try LogEnds(cluster.configuration, timeoutMilliseconds: 500)
            let unknown = #expect(throws: KafkaError.self) {
                try ends.range(of: TopicPartition(topic: "gone", partition: 7))
            }
            #expect(unknown?.code == .unknownPartition)
            cluster.failRequests(ofKind: 2, with: Array(repeating: notLeader, count: 1_000))
            let moving = #expect(throws: KafkaError.self) {
                try ends.range(of: TopicPartition(topic: "gone", partition: 0))
            }
            #expect(moving?.disposition == .retriable)
        }
    }
}
