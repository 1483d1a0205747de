import CRdKafka

extension AdminClient {
    /// Describes all topics of the cluster, Kafka's internal ones too, or those named; a name that does not exist is
    /// left out (`rd_kafka_metadata`). Creates nothing.
    public func describeTopics(
        _ names: [String]? = nil, timeoutMilliseconds: Int
    ) throws(KafkaError) -> [String: TopicDescription] {
        let metadata = try handle.metadata(
            .allTopics, operation: "describe topics", timeoutMilliseconds: timeoutMilliseconds)
        let wanted = names.map { Set($0) }
        var topics: [String: TopicDescription] = [:]
        for topic in metadata.topics where wanted?.contains(topic.name) ?? true {
            try check(topic.error, "describe topic “\(topic.name)”")
            topics[topic.name] = TopicDescription(name: topic.name, partitions: topic.partitions)
        }
        return topics
    }

    /// Makes topics (`rd_kafka_CreateTopics`). Throws the first one's error, naming it (`topicAlreadyExists`, …); the
    /// others are made all the same. With `validateOnly` nothing is made. Returns when the topics are to be seen and
    /// every partition has a leader; another broker of the cluster may still learn of them a moment later.
    public func createTopics(
        _ topics: [NewTopic], validateOnly: Bool = false, timeoutMilliseconds: Int
    ) throws(KafkaError) {
        var natives: [OpaquePointer?] = []
        defer { rd_kafka_NewTopic_destroy_array(&natives, natives.count) }
        for topic in topics {
            let outcome: (result: OpaquePointer?, reason: String) = withErrorText { text, size in
                rd_kafka_NewTopic_new(
                    topic.name, Int32(clamping: topic.partitions), Int32(clamping: topic.replicationFactor ?? -1),
                    text, size)
            }
            guard let native = outcome.result else {
                throw KafkaError(
                    .invalidPartitions, operation: "create topic “\(topic.name)”", reason: outcome.reason)
            }
            natives.append(native)
            for (name, value) in topic.settings.sorted(by: { $0.key < $1.key }) {
                try check(rd_kafka_NewTopic_set_config(native, name, value), "set \(name) of topic “\(topic.name)”")
            }
        }
        guard !natives.isEmpty else { return }
        try perform(
            "create topics", RD_KAFKA_ADMIN_OP_CREATETOPICS, timeoutMilliseconds: timeoutMilliseconds,
            validateOnly: validateOnly
        ) { options, queue in
            rd_kafka_CreateTopics(client, &natives, natives.count, options, queue)
        } read: { event throws(KafkaError) in
            let result = try answer(rd_kafka_event_CreateTopics_result(event), "create topics")
            var count = 0
            try checkEachTopic(rd_kafka_CreateTopics_result_topics(result, &count), count, "create")
        }
        guard !validateOnly else { return }
        try waitUntilVisible("create topics", timeoutMilliseconds: timeoutMilliseconds) {
            remaining throws(KafkaError) in
            let known = try partitionsWithLeader(timeoutMilliseconds: remaining)
            return topics.allSatisfy {
                $0.partitions > 0 ? known[$0.name] == $0.partitions : known[$0.name, default: 0] > 0
            }
        }
    }

    /// Raises a topic's partition count to `total` (`rd_kafka_CreatePartitions`). Records with a key go elsewhere from
    /// then on. Returns when the partitions are to be seen and have leaders.
    public func createPartitions(
        of topic: String, total: Int, timeoutMilliseconds: Int
    ) throws(KafkaError) {
        let outcome: (result: OpaquePointer?, reason: String) = withErrorText { text, size in
            rd_kafka_NewPartitions_new(topic, max(0, total), text, size)
        }
        guard let native = outcome.result else {
            throw KafkaError(
                .invalidPartitions, operation: "add partitions to topic “\(topic)”", reason: outcome.reason)
        }
        defer { rd_kafka_NewPartitions_destroy(native) }
        try perform(
            "add partitions to topic “\(topic)”", RD_KAFKA_ADMIN_OP_CREATEPARTITIONS,
            timeoutMilliseconds: timeoutMilliseconds
        ) { options, queue in
            var natives: [OpaquePointer?] = [native]
            rd_kafka_CreatePartitions(client, &natives, 1, options, queue)
        } read: { event throws(KafkaError) in
            let result = try answer(rd_kafka_event_CreatePartitions_result(event), "add partitions")
            var count = 0
            try checkEachTopic(rd_kafka_CreatePartitions_result_topics(result, &count), count, "add partitions to")
        }
        try waitUntilVisible(
            "add partitions to topic “\(topic)”", timeoutMilliseconds: timeoutMilliseconds
        ) { remaining throws(KafkaError) in
            try partitionsWithLeader(timeoutMilliseconds: remaining)[topic] == total
        }
    }

    /// Deletes topics with all their records (`rd_kafka_DeleteTopics`). Returns when they are not to be seen any more.
    public func deleteTopics(_ names: [String], timeoutMilliseconds: Int) throws(KafkaError) {
        guard !names.isEmpty else { return }
        var natives = names.map { rd_kafka_DeleteTopic_new($0) }
        defer { rd_kafka_DeleteTopic_destroy_array(&natives, natives.count) }
        try perform(
            "delete topics", RD_KAFKA_ADMIN_OP_DELETETOPICS, timeoutMilliseconds: timeoutMilliseconds
        ) { options, queue in
            rd_kafka_DeleteTopics(client, &natives, natives.count, options, queue)
        } read: { event throws(KafkaError) in
            let result = try answer(rd_kafka_event_DeleteTopics_result(event), "delete topics")
            var count = 0
            try checkEachTopic(rd_kafka_DeleteTopics_result_topics(result, &count), count, "delete")
        }
        try waitUntilVisible("delete topics", timeoutMilliseconds: timeoutMilliseconds) {
            remaining throws(KafkaError) in
            let known = try partitionsWithLeader(timeoutMilliseconds: remaining)
            return names.allSatisfy { known[$0] == nil }
        }
    }

    /// Deletes a partition's records before an offset (`rd_kafka_DeleteRecords`); ``LogicalOffset/end``: all. Gives
    /// back each partition's first offset.
    @discardableResult
    public func deleteRecords(
        before offsets: [TopicPartition: Int64], timeoutMilliseconds: Int
    ) throws(KafkaError) -> [TopicPartition: Int64] {
        guard !offsets.isEmpty else { return [:] }
        let list = PartitionList(offsets)
        let native = list.lend { rd_kafka_DeleteRecords_new($0) }
        defer { rd_kafka_DeleteRecords_destroy(native) }
        return try perform(
            "delete records", RD_KAFKA_ADMIN_OP_DELETERECORDS, timeoutMilliseconds: timeoutMilliseconds
        ) { options, queue in
            var natives: [OpaquePointer?] = [native]
            rd_kafka_DeleteRecords(client, &natives, 1, options, queue)
        } read: { event throws(KafkaError) in
            let result = try answer(rd_kafka_event_DeleteRecords_result(event), "delete records")
            guard let list = rd_kafka_DeleteRecords_result_offsets(result) else { return [:] }
            return try Self.offsets(of: list, "delete records")
        }
    }

    /// How many partitions with a leader each topic has.
    private func partitionsWithLeader(timeoutMilliseconds: Int) throws(KafkaError) -> [String: Int] {
        let metadata = try handle.metadata(
            .allTopics, operation: "describe topics", timeoutMilliseconds: timeoutMilliseconds)
        return metadata.topics.reduce(into: [:]) { counts, topic in
            counts[topic.name] = topic.partitions.count { $0.leader != nil }
        }
    }

    private func checkEachTopic(
        _ results: UnsafeMutablePointer<OpaquePointer?>?, _ count: Int, _ verb: String
    ) throws(KafkaError) {
        for case let result? in UnsafeBufferPointer(start: results, count: count) {
            let code = rd_kafka_topic_result_error(result)
            guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { continue }
            let name = rd_kafka_topic_result_name(result).map { String(cString: $0) } ?? ""
            throw KafkaError(
                code, operation: "\(verb) topic “\(name)”",
                reason: rd_kafka_topic_result_error_string(result).map { String(cString: $0) })
        }
    }

    /// A list's offsets; throws the first partition's error.
    static func offsets(
        of list: UnsafePointer<rd_kafka_topic_partition_list_t>, _ operation: String
    ) throws(KafkaError) -> [TopicPartition: Int64] {
        var offsets: [TopicPartition: Int64] = [:]
        for entry in PartitionList.entries(of: list) {
            if entry.error != RD_KAFKA_RESP_ERR_NO_ERROR {
                throw KafkaError(entry.error, operation: operation, topicPartition: entry.topicPartition)
            }
            offsets[entry.topicPartition] = entry.offset
        }
        return offsets
    }
}
