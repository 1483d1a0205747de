import Kafka
import Service
import Warehouse

/// How far a consumer group is behind, asked of Kafka by one client that is kept.
struct GroupLag: Sendable {
    private static let timeoutMilliseconds = 5_000

    private let cluster: KafkaConfiguration
    private let group: String
    private let topic: String
    private let worker = SerialWorker<AdminClient?>(label: "retailflow.lag", state: nil)

    init(_ cluster: KafkaConfiguration, group: String, topic: String) {
        self.cluster = cluster
        self.group = group
        self.topic = topic
    }

    /// Asks for every partition of the topic. A cancelled task does not wait for the answer.
    ///
    /// - Throws: `KafkaError`; `MissingTopic`.
    func read() async throws -> [PartitionLag] {
        let (cluster, group, topic) = (cluster, group, topic)
        return try await worker.performAbandoning { client in
            let admin = try client ?? AdminClient(cluster, group: group)
            client = admin
            let timeout = GroupLag.timeoutMilliseconds
            guard let description = try admin.describeTopics([topic], timeoutMilliseconds: timeout)[topic] else {
                throw MissingTopic(name: topic, servers: cluster.bootstrapServers)
            }
            let committed = try admin.groupOffsets(group, timeoutMilliseconds: timeout)
            return try description.partitions.map { description in
                let partition = TopicPartition(topic: topic, partition: description.partition)
                // The group's offset was asked first: the end is never before it.
                let range = try admin.watermarks(of: partition, timeoutMilliseconds: timeout)
                let next = max(committed[partition] ?? range.lowerBound, range.lowerBound)
                return PartitionLag(
                    topic: topic, partition: partition.partition, records: max(0, range.upperBound - next))
            }
        }
    }
}
