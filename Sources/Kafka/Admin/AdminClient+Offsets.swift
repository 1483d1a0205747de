import CRdKafka

extension AdminClient {
    /// The first offset that the partition has, and the one behind its last record, those of open transactions and
    /// transaction markers counted (`rd_kafka_query_watermark_offsets`).
    public func watermarks(of partition: TopicPartition, timeoutMilliseconds: Int) throws(KafkaError) -> Range<Int64> {
        try handle.watermarks(of: partition, timeoutMilliseconds: timeoutMilliseconds)
    }

    /// For each partition the first offset whose record has at least that time, in milliseconds since 1970
    /// (`rd_kafka_offsets_for_times`); its end if there is none (``LogicalOffset/end`` is not given back: the high
    /// watermark is asked).
    public func offsets(
        atMilliseconds time: Int64, of partitions: [TopicPartition], timeoutMilliseconds: Int
    ) throws(KafkaError) -> [TopicPartition: Int64] {
        let operation = "find offsets by time"
        let list = PartitionList(
            Dictionary(partitions.map { ($0, max(0, time)) }, uniquingKeysWith: { first, _ in first }))
        try check(list.lend { rd_kafka_offsets_for_times(client, $0, timeoutMilliseconds.timeout) }, operation)
        var offsets = try list.lend { list throws(KafkaError) in try Self.offsets(of: list, operation) }
        for (partition, offset) in offsets where offset < 0 {
            offsets[partition] = try watermarks(of: partition, timeoutMilliseconds: timeoutMilliseconds).upperBound
        }
        return offsets
    }
}
