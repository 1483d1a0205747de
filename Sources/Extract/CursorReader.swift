package import Kafka

/// Reads the cursors of extraction, and the counts beside them, from the compacted state topic.
package struct CursorReader: Sendable {
    /// How long nothing may come before the end: longer than the transaction of an extractor that died can last.
    private static let silenceMax: Duration = .seconds(60)

    private let cluster: KafkaConfiguration
    private let topic: String

    /// - Parameter topic: the state topic.
    package init(_ cluster: KafkaConfiguration, topic: String) {
        self.cluster = cluster
        self.topic = topic
    }

    /// The last committed value of each key. Blocking, up to the transaction timeout of an extractor that died.
    ///
    /// It reads up to the end that counts open transactions, so that nothing committed is missed.
    package func read() throws -> ExtractState {
        var state = ExtractState()
        let admin = try AdminClient(cluster)
        let partition = TopicPartition(topic: topic, partition: 0)
        let end = try admin.watermarks(of: partition, timeoutMilliseconds: 30_000)
        guard !end.isEmpty else { return state }
        let consumer = try Consumer(ConsumerConfiguration(cluster, group: nil))
        defer { try? consumer.close() }
        try consumer.assign([partition: LogicalOffset.beginning])
        var deadline = ContinuousClock.now + CursorReader.silenceMax
        while (consumer.position(of: partition) ?? end.lowerBound) < end.upperBound {
            let batch = try consumer.poll(recordsMax: 1_000, waitMilliseconds: 1_000)
            if batch.isEmpty, ContinuousClock.now > deadline {
                throw KafkaError(
                    .timedOut, operation: "read the cursor", reason: "nothing comes any more before the end",
                    topicPartition: partition)
            }
            if !batch.isEmpty { deadline = .now + CursorReader.silenceMax }
            try batch.forEach { _, record in
                guard let key = record.key.map({ String(decoding: $0, as: UTF8.self) }) else { return }
                try state.take(key: key, value: record.value)
            }
        }
        return state
    }
}
