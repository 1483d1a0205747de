import CRdKafka

extension Consumer {
    /// The partitions that are being read.
    public var assignedPartitions: [TopicPartition] { assignment.partitions }

    /// The next offset that a poll will hand out, if it is known: behind the last record handed out, or at the end of
    /// the partition once that was reached (transaction markers counted), or where it was told to start.
    public func position(of partition: TopicPartition) -> Int64? {
        guard let index = assignment.index(of: partition) else { return nil }
        let position = assignment.slots[index].position
        return position >= 0 ? position : nil
    }

    /// Commits for the group, and waits for the answer (`rd_kafka_commit_queue`). An offset is that of the next record
    /// to read. Throws the first partition's error; `illegalGeneration`, `unknownMember` and `fencedInstance` mean that
    /// the partitions are not this consumer's any more; after `timedOut` the commit may still come about.
    public func commit(
        _ offsets: [TopicPartition: Int64], timeoutMilliseconds: Int = 60_000
    ) throws(KafkaError) {
        try checkOpen("commit offsets")
        guard let group else {
            throw KafkaError(
                .invalidConfiguration, operation: "commit offsets", reason: "the consumer was made without a group")
        }
        guard !offsets.isEmpty else { return }
        let operation = "commit offsets of group \(group)"
        let list = PartitionList(offsets)
        let answers = rd_kafka_queue_new(client)
        defer { rd_kafka_queue_destroy(answers) }
        try check(list.lend { rd_kafka_commit_queue(client, $0, answers, nil, nil) }, operation)
        guard let event = rd_kafka_queue_poll(answers, timeoutMilliseconds.timeout) else {
            throw KafkaError(
                .timedOut, operation: operation, reason: "no answer within \(timeoutMilliseconds) ms")
        }
        defer { rd_kafka_event_destroy(event) }
        let entries = rd_kafka_event_topic_partition_list(event).map { PartitionList.entries(of: $0) } ?? []
        let result = rd_kafka_event_error(event)
        if let entry = entries.first(where: { $0.error != RD_KAFKA_RESP_ERR_NO_ERROR }) {
            throw KafkaError(entry.error, operation: operation, topicPartition: entry.topicPartition)
        }
        try check(result, operation)
    }

    /// Whether the group has taken the partitions away already, because the consumer was silent for too long, and the
    /// handler has yet to be told (`rd_kafka_assignment_lost`).
    public var isAssignmentLost: Bool { group != nil && !isClosed && rd_kafka_assignment_lost(client) != 0 }

    /// What the group has committed (`rd_kafka_committed`); partitions without a committed offset are left out.
    public func committed(
        _ partitions: [TopicPartition], timeoutMilliseconds: Int = 10_000
    ) throws(KafkaError) -> [TopicPartition: Int64] {
        try checkOpen("read committed offsets")
        let list = PartitionList(partitions)
        try check(
            list.lend { rd_kafka_committed(client, $0, timeoutMilliseconds.timeout) }, "read committed offsets")
        try list.checkEach("read committed offsets")
        return list.entries.reduce(into: [:]) { if $1.offset >= 0 { $0[$1.topicPartition] = $1.offset } }
    }

    /// Asks whether a broker answers (`rd_kafka_metadata`), within the limit of time.
    public func checkBrokers(timeoutMilliseconds: Int) throws(KafkaError) {
        try checkOpen("reach the brokers")
        _ = try handle.client.metadata(
            .brokers, operation: "reach the brokers", timeoutMilliseconds: timeoutMilliseconds)
    }

    /// The first offset that the partition has, and the one behind its last record as this consumer's isolation sees
    /// it: with `readCommitted` the end is before the first open transaction
    /// (`rd_kafka_query_watermark_offsets`). For the end that counts all records ask
    /// ``AdminClient/watermarks(of:timeoutMilliseconds:)``.
    public func watermarks(
        of partition: TopicPartition, timeoutMilliseconds: Int = 10_000
    ) throws(KafkaError) -> Range<Int64> {
        try checkOpen("read watermarks")
        return try handle.client.watermarks(of: partition, timeoutMilliseconds: timeoutMilliseconds)
    }

    /// Reads no further in these partitions until they are resumed (`rd_kafka_pause_partitions`). Records that were
    /// fetched ahead are thrown away and fetched again.
    public func pause(_ partitions: [TopicPartition]) throws(KafkaError) {
        try checkOpen("pause partitions")
        let list = PartitionList(partitions)
        paused.formUnion(partitions)
        try check(list.lend { rd_kafka_pause_partitions(client, $0) }, "pause partitions")
        try list.checkEach("pause partitions")
    }

    /// Reads on (`rd_kafka_resume_partitions`).
    public func resume(_ partitions: [TopicPartition]) throws(KafkaError) {
        try checkOpen("resume partitions")
        let list = PartitionList(partitions)
        try check(list.lend { rd_kafka_resume_partitions(client, $0) }, "resume partitions")
        try list.checkEach("resume partitions")
        paused.subtract(partitions)
    }

    /// Goes on reading at other offsets in assigned partitions (`rd_kafka_seek_partitions`). Does not commit.
    public func seek(
        _ offsets: [TopicPartition: Int64], timeoutMilliseconds: Int = 10_000
    ) throws(KafkaError) {
        try checkOpen("seek")
        for partition in offsets.keys where assignment.index(of: partition) == nil {
            throw KafkaError(
                .unknownPartition, operation: "seek", reason: "the partition is not assigned to this consumer",
                topicPartition: partition)
        }
        let list = PartitionList(offsets)
        try check(list.lend { rd_kafka_seek_partitions(client, $0, timeoutMilliseconds.timeout) }, "seek")
        try list.checkEach("seek")
        for (partition, offset) in offsets {
            if let index = assignment.index(of: partition) { assignment.move(index, to: offset) }
        }
    }

    /// Goes on reading in assigned partitions from other offsets (``LogicalOffset`` too), paused ones and those whose
    /// position was lost included: they are given up and taken anew, which the group does not notice
    /// (`rd_kafka_assign`). Does not commit. To be called outside the rebalance handler.
    public func restart(_ starts: [TopicPartition: Int64]) throws(KafkaError) {
        try checkOpen("go on reading")
        for partition in starts.keys where assignment.index(of: partition) == nil {
            throw KafkaError(
                .unknownPartition, operation: "go on reading",
                reason: "the partition is not assigned to this consumer", topicPartition: partition)
        }
        guard !starts.isEmpty else { return }
        try resume(Array(starts.keys))
        try replaceStarts(starts)
    }

    /// Who this consumer is in its group, for a transaction's offsets (`rd_kafka_consumer_group_metadata`).
    public func groupMetadata() throws(KafkaError) -> ConsumerGroupMetadata {
        try checkOpen("read the group metadata")
        guard group != nil, let metadata = rd_kafka_consumer_group_metadata(client) else {
            throw KafkaError(
                .invalidConfiguration, operation: "read the group metadata",
                reason: "the consumer was made without a group")
        }
        return ConsumerGroupMetadata(adopting: metadata)
    }
}

extension ClientHandle {
    /// `rd_kafka_query_watermark_offsets`.
    func watermarks(of partition: TopicPartition, timeoutMilliseconds: Int) throws(KafkaError) -> Range<Int64> {
        var low: Int64 = 0
        var high: Int64 = 0
        let result = rd_kafka_query_watermark_offsets(
            pointer, partition.topic, partition.partition, &low, &high, timeoutMilliseconds.timeout)
        guard result == RD_KAFKA_RESP_ERR_NO_ERROR else {
            throw KafkaError(result, operation: "read watermarks", topicPartition: partition)
        }
        return low..<max(low, high)
    }
}
