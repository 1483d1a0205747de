import CRdKafka
import Synchronization

extension Producer {
    /// A topic's partition count, and when it was asked.
    struct PartitionCount {
        var count: Int32
        var askedMilliseconds: Int
    }

    /// How long a partition count is believed, in milliseconds: counts can grow.
    private static let partitionCountLifetimeMilliseconds = 60_000

    /// The partition that a record with this key goes to (`rd_kafka_msg_partitioner_murmur2`): the one that Java
    /// clients would choose too. Asks the cluster for the number of partitions at most once a minute.
    public func partition(
        forKey key: UnsafeRawBufferPointer, of topic: String, timeoutMilliseconds: Int = 10_000
    ) throws(KafkaError) -> Int32 {
        let count = try partitionCount(of: topic, timeoutMilliseconds: timeoutMilliseconds)
        return rd_kafka_msg_partitioner_murmur2(
            try self.topic(topic).pointer, key.baseAddress ?? RecordHeaders.nothing, key.count, count, nil, nil)
    }

    /// How many partitions the topic has (`rd_kafka_metadata`), asked at most once a minute.
    public func partitionCount(of topic: String, timeoutMilliseconds: Int = 10_000) throws(KafkaError) -> Int32 {
        try checkOpen("read the partitions of topic “\(topic)”")
        let now = MonotonicTime.milliseconds
        if let known = partitionCounts.withLock({ $0[topic] }),
            now - known.askedMilliseconds < Self.partitionCountLifetimeMilliseconds
        {
            return known.count
        }
        let metadata = try handle.metadata(
            .topic(try self.topic(topic).pointer), operation: "read the partitions of topic “\(topic)”",
            timeoutMilliseconds: timeoutMilliseconds)
        guard let description = metadata.topics.first(where: { $0.name == topic }) else {
            throw KafkaError(
                .unknownTopic, operation: "read the partitions of topic “\(topic)”", reason: "no such topic")
        }
        try check(description.error, "read the partitions of topic “\(topic)”")
        let count = Int32(description.partitions.count)
        partitionCounts.withLock { $0[topic] = PartitionCount(count: count, askedMilliseconds: now) }
        return count
    }
}
