import CRdKafka

/// What a metadata request answered.
struct ClusterMetadata {
    struct Topic {
        var name: String
        var error: rd_kafka_resp_err_t
        var partitions: [PartitionDescription]
    }

    var brokers: [(id: Int32, address: String)]
    var topics: [Topic]
}

/// One partition of a topic, as the brokers describe it.
public struct PartitionDescription: Hashable, Sendable {
    /// Its number.
    public var partition: Int32
    /// The broker that leads it; nil while there is none.
    public var leader: Int32?
    /// The brokers that shall have it.
    public var replicas: [Int32]
    /// The brokers that have all of it.
    public var inSyncReplicas: [Int32]
}

extension ClientHandle {
    enum MetadataScope {
        /// The brokers alone.
        case brokers
        case allTopics
        case topic(OpaquePointer)
    }

    /// `rd_kafka_metadata`.
    func metadata(
        _ scope: MetadataScope, operation: String, timeoutMilliseconds: Int
    ) throws(KafkaError) -> ClusterMetadata {
        var native: UnsafePointer<rd_kafka_metadata>?
        let result =
            switch scope {
            case .brokers: rd_kafka_metadata(pointer, 0, nil, &native, timeoutMilliseconds.timeout)
            case .allTopics: rd_kafka_metadata(pointer, 1, nil, &native, timeoutMilliseconds.timeout)
            case .topic(let topic): rd_kafka_metadata(pointer, 0, topic, &native, timeoutMilliseconds.timeout)
            }
        guard result == RD_KAFKA_RESP_ERR_NO_ERROR, let native else {
            throw KafkaError(result, operation: operation)
        }
        defer { rd_kafka_metadata_destroy(native) }
        let brokers = UnsafeBufferPointer(start: native.pointee.brokers, count: Int(native.pointee.broker_cnt))
        let topics = UnsafeBufferPointer(start: native.pointee.topics, count: Int(native.pointee.topic_cnt))
        return ClusterMetadata(
            brokers: brokers.map { ($0.id, "\($0.host.map { String(cString: $0) } ?? ""):\($0.port)") },
            topics: topics.map(ClusterMetadata.Topic.init))
    }
}

extension ClusterMetadata.Topic {
    init(_ native: rd_kafka_metadata_topic) {
        name = native.topic.map { String(cString: $0) } ?? ""
        error = native.err
        partitions = UnsafeBufferPointer(start: native.partitions, count: Int(native.partition_cnt)).map { partition in
            PartitionDescription(
                partition: partition.id, leader: partition.leader >= 0 ? partition.leader : nil,
                replicas: Array(UnsafeBufferPointer(start: partition.replicas, count: Int(partition.replica_cnt))),
                inSyncReplicas: Array(UnsafeBufferPointer(start: partition.isrs, count: Int(partition.isr_cnt))))
        }.sorted { $0.partition < $1.partition }
    }
}
