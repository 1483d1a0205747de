package import Kafka

/// Asks the brokers where partitions begin and end, records of open transactions counted.
package struct LogEnds: Sendable {
    private let admin: AdminClient
    private let timeoutMilliseconds: Int

    /// - Throws: `KafkaError` when the client can't be made.
    package init(_ cluster: KafkaConfiguration, timeoutMilliseconds: Int = 15_000) throws(KafkaError) {
        admin = try AdminClient(cluster)
        self.timeoutMilliseconds = timeoutMilliseconds
    }

    /// The partition's first offset, and the one behind its last record.
    ///
    /// - Throws: `KafkaError`.
    package func range(of partition: TopicPartition) throws(KafkaError) -> Range<Int64> {
        do {
            return try admin.watermarks(of: partition, timeoutMilliseconds: timeoutMilliseconds)
        } catch {
            guard error.code == .unknownPartition else { throw error }
            // The group knows of a partition that was added since this client last looked.
            _ = try admin.describeTopics([partition.topic], timeoutMilliseconds: timeoutMilliseconds)
            return try admin.watermarks(of: partition, timeoutMilliseconds: timeoutMilliseconds)
        }
    }
}
