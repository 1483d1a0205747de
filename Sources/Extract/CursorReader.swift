internal import Kafka

/// Reads the cursors of extraction from the compacted state topic.
struct CursorReader {
    private let cluster: KafkaConfiguration
    private let topic: String

    init(_ cluster: KafkaConfiguration, topic: String) {
        self.cluster = cluster
        self.topic = topic
    }

    /// The last committed cursor of each key. Blocking, up to the transaction timeout of an extractor that died.
    ///
    /// It reads up to the end that counts open transactions, so that no committed cursor is missed.
    func read() throws -> [String: ExtractCursor] {
        let admin = try AdminClient(cluster)
        let partition = TopicPartition(topic: topic, partition: 0)
        let end = try admin.watermarks(of: partition, timeoutMilliseconds: 30_000)
        guard !end.isEmpty else { return [:] }
        let consumer = try Consumer(ConsumerConfiguration(cluster, group: nil))
        defer { try? consumer.close() }
        try consumer.assign([partition: LogicalOffset.beginning])
        var cursors: [String: ExtractCursor] = [:]
        while (consumer.position(of: partition) ?? end.lowerBound) < end.upperBound {
            let batch = try consumer.poll(recordsMax: 1_000, waitMilliseconds: 1_000)
            try batch.forEach { _, record in
                guard let key = record.key.map({ String(decoding: $0, as: UTF8.self) }) else { return }
                cursors[key] = try record.value.map { try ExtractCursor(json: $0) }
            }
        }
        return cursors
    }
}
