import CRdKafka
import Synchronization

/// Brokers inside this process (librdkafka's mock cluster), for tests and demonstrations. They listen on free loopback
/// ports and forget everything when this is released.
///
/// See ``limits``. Beyond those: transactions are accepted but not isolated (readers see records of open and of
/// aborted ones), and administration requests are not answered; make topics with
/// ``createTopic(_:partitions:replicationFactor:)``.
public final class EmbeddedCluster: Sendable {
    /// What it cannot do, in a sentence for whoever starts it.
    public static let limits =
        "an embedded broker keeps at most 5 MiB or 100,000 record sets a partition and forgets older ones, "
        + "does not isolate transactions, and loses everything when the process ends"

    /// The most that a partition keeps, in bytes as compressed by the producer.
    public static let partitionBytesMax = 5 * 1024 * 1024
    /// The most record sets that a partition keeps.
    public static let partitionRecordSetsMax = 100_000

    private let handle: ClientHandle
    // Right: the mock cluster takes requests from any thread.
    nonisolated(unsafe) private let pointer: OpaquePointer
    /// How many brokers there are; their ids are 1 to this.
    public let brokers: Int
    /// Where they listen: `127.0.0.1:port`, comma-separated (`rd_kafka_mock_cluster_bootstraps`).
    public let bootstrapServers: String

    /// Starts `brokers` brokers (`rd_kafka_mock_cluster_new`).
    public init(brokers: Int = 1) throws(KafkaError) {
        precondition(brokers > 0, "a cluster has at least one broker")
        let handle = try ClientHandle(
            RD_KAFKA_PRODUCER, KafkaConfiguration(bootstrapServers: "", clientID: "embedded-cluster"))
        guard let pointer = rd_kafka_mock_cluster_new(handle.pointer, Int32(brokers)) else {
            throw KafkaError(
                .invalidConfiguration, operation: "start an embedded cluster",
                reason: "librdkafka could not start \(brokers) brokers")
        }
        self.handle = handle
        self.pointer = pointer
        self.brokers = brokers
        bootstrapServers = rd_kafka_mock_cluster_bootstraps(pointer).map { String(cString: $0) } ?? ""
    }

    deinit {
        rd_kafka_mock_cluster_destroy(pointer)
    }

    /// The configuration of a client of this cluster.
    public var configuration: KafkaConfiguration { KafkaConfiguration(bootstrapServers: bootstrapServers) }

    /// Makes a topic (`rd_kafka_mock_topic_create`). Topics that are used without having been made get 4 partitions.
    public func createTopic(_ name: String, partitions: Int, replicationFactor: Int = 1) throws(KafkaError) {
        try check(
            rd_kafka_mock_topic_create(pointer, name, Int32(partitions), Int32(replicationFactor)),
            "create topic “\(name)” on the embedded cluster")
    }

    /// Cuts a broker's connections and refuses new ones, or allows them again (`rd_kafka_mock_broker_set_down`, `_up`).
    public func setBroker(_ broker: Int, isUp: Bool) throws(KafkaError) {
        try check(
            isUp
                ? rd_kafka_mock_broker_set_up(pointer, Int32(broker))
                : rd_kafka_mock_broker_set_down(pointer, Int32(broker)),
            "turn broker \(broker) \(isUp ? "on" : "off")")
    }

    /// Moves a partition's leadership to a broker (`rd_kafka_mock_partition_set_leader`).
    public func setLeader(of partition: TopicPartition, to broker: Int) throws(KafkaError) {
        try check(
            rd_kafka_mock_partition_set_leader(pointer, partition.topic, partition.partition, Int32(broker)),
            "move the leader of \(partition)")
    }

    /// Answers the next requests of a kind (its number in Kafka's protocol: 0 Produce, 1 Fetch, 24
    /// AddPartitionsToTxn, 26 EndTxn, …) with these errors, one each (`rd_kafka_mock_push_request_errors_array`).
    public func failRequests(ofKind apiKey: Int16, with errors: [KafkaError.Code]) {
        var codes = errors.map { rd_kafka_resp_err_t($0.rawValue) }
        rd_kafka_mock_push_request_errors_array(pointer, apiKey, codes.count, &codes)
    }
}
