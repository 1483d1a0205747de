internal import Kafka

/// A look at a topic by a client that does not know it yet: one that has read a topic under this name before may see
/// nothing of the topic that took its place (librdkafka 2.0.2). What it answers is good until it answers no more.
struct LogProbe {
    private let consumer: Consumer
    private let timeoutMilliseconds: Int

    /// - Throws: `KafkaError` when the client can't be made.
    init(_ cluster: KafkaConfiguration, timeoutMilliseconds: Int = 5_000) throws(KafkaError) {
        // Little is looked at; no more is fetched.
        consumer = try Consumer(
            ConsumerConfiguration(
                cluster, group: nil, properties: ["queued.min.messages": "1", "fetch.message.max.bytes": "16384"]))
        self.timeoutMilliseconds = timeoutMilliseconds
    }

    /// The partition's first offset, and the one behind which nothing is committed: an open transaction ends it.
    ///
    /// - Throws: `KafkaError`; see ``KafkaError/meansTopicGone``.
    func range(of partition: TopicPartition) throws(KafkaError) -> Range<Int64> {
        // The question itself does not keep to its limit of time while the broker is gone (librdkafka 2.0.2): it would hold
        // this thread until the broker is back.
        try consumer.checkBrokers(timeoutMilliseconds: timeoutMilliseconds)
        return try consumer.watermarks(of: partition, timeoutMilliseconds: timeoutMilliseconds)
    }

    /// Lends what comes from these places until the first record, or the end, of each has come, or time is up.
    ///
    /// - Throws: `KafkaError` and what `body` throws.
    func read(from starts: [TopicPartition: Int64], _ body: (RecordBatch) throws -> Void) throws {
        let deadline = ContinuousClock.now + .milliseconds(timeoutMilliseconds)
        try consumer.assign(starts)
        defer { try? consumer.assign([:]) }
        var awaited = Set(starts.keys)
        while let next = awaited.first, ContinuousClock.now < deadline {
            // Any request wakes the thread that fetches, which else may sleep for a second before it begins.
            _ = try range(of: next)
            let batch = try consumer.poll(
                recordsMax: 100, waitMilliseconds: 20, batchMilliseconds: 0, idleMilliseconds: 0)
            try body(batch)
            awaited.subtract(batch.nextOffsets.keys)
        }
        guard awaited.isEmpty else {
            throw KafkaError(
                .timedOut, operation: "look at a topic", reason: "nothing came",
                topicPartition: awaited.min())
        }
    }
}

extension KafkaError {
    /// The brokers, or what the client knows of them, say that there is no such topic or partition.
    var meansTopicGone: Bool {
        code == .unknownTopicOrPartition || code == .unknownTopic || code == .unknownPartition
    }
}
