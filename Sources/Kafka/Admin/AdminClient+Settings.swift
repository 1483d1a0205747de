import CRdKafka

extension AdminClient {
    /// A topic's settings, defaults included (`rd_kafka_DescribeConfigs`).
    public func topicSettings(
        of topic: String, timeoutMilliseconds: Int
    ) throws(KafkaError) -> [String: TopicSetting] {
        let operation = "describe the settings of topic “\(topic)”"
        let resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic)
        defer { rd_kafka_ConfigResource_destroy(resource) }
        return try perform(
            operation, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, timeoutMilliseconds: timeoutMilliseconds
        ) { options, queue in
            var resources = [resource]
            rd_kafka_DescribeConfigs(client, &resources, 1, options, queue)
        } read: { event throws(KafkaError) in
            let result = try answer(rd_kafka_event_DescribeConfigs_result(event), operation)
            var count = 0
            let resources = rd_kafka_DescribeConfigs_result_resources(result, &count)
            try Self.checkEachResource(resources, count, operation)
            var settings: [String: TopicSetting] = [:]
            for case let resource? in UnsafeBufferPointer(start: resources, count: count) {
                var entryCount = 0
                let entries = rd_kafka_ConfigResource_configs(resource, &entryCount)
                for case let entry? in UnsafeBufferPointer(start: entries, count: entryCount) {
                    let setting = TopicSetting(native: entry)
                    settings[setting.name] = setting
                }
            }
            return settings
        }
    }

    /// Changes a topic's settings; nil takes a topic's own setting away. librdkafka 2.0.2 can only replace all of them
    /// (`rd_kafka_AlterConfigs`), so the topic's own ones are read first and kept. Two callers at once can undo each
    /// other's changes. Returns when the change is to be seen.
    public func alterTopicSettings(
        of topic: String, _ changes: [String: String?], timeoutMilliseconds: Int
    ) throws(KafkaError) {
        guard !changes.isEmpty else { return }
        let operation = "change the settings of topic “\(topic)”"
        var wanted: [String: String] = [:]
        for setting in try topicSettings(of: topic, timeoutMilliseconds: timeoutMilliseconds).values
        where setting.isOwn && !setting.isReadOnly {
            wanted[setting.name] = setting.value
        }
        for (name, value) in changes { wanted[name] = value }
        let resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic)
        defer { rd_kafka_ConfigResource_destroy(resource) }
        for (name, value) in wanted.sorted(by: { $0.key < $1.key }) {
            try check(rd_kafka_ConfigResource_set_config(resource, name, value), operation)
        }
        try perform(
            operation, RD_KAFKA_ADMIN_OP_ALTERCONFIGS, timeoutMilliseconds: timeoutMilliseconds
        ) { options, queue in
            var resources = [resource]
            rd_kafka_AlterConfigs(client, &resources, 1, options, queue)
        } read: { event throws(KafkaError) in
            let result = try answer(rd_kafka_event_AlterConfigs_result(event), operation)
            var count = 0
            let resources = rd_kafka_AlterConfigs_result_resources(result, &count)
            try Self.checkEachResource(resources, count, operation)
        }
        try waitUntilVisible(operation, timeoutMilliseconds: timeoutMilliseconds) { remaining throws(KafkaError) in
            let settings = try topicSettings(of: topic, timeoutMilliseconds: remaining)
            return changes.allSatisfy { name, value in
                guard let setting = settings[name] else { return true }
                return value.map { setting.isOwn && (setting.isSensitive || setting.value == $0) } ?? !setting.isOwn
            }
        }
    }

    private static func checkEachResource(
        _ resources: UnsafeMutablePointer<OpaquePointer?>?, _ count: Int, _ operation: String
    ) throws(KafkaError) {
        for case let resource? in UnsafeBufferPointer(start: resources, count: count) {
            let code = rd_kafka_ConfigResource_error(resource)
            guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { continue }
            throw KafkaError(
                code, operation: operation,
                reason: rd_kafka_ConfigResource_error_string(resource).map { String(cString: $0) })
        }
    }
}

extension TopicSetting {
    fileprivate init(native: OpaquePointer) {
        name = rd_kafka_ConfigEntry_name(native).map { String(cString: $0) } ?? ""
        value = rd_kafka_ConfigEntry_value(native).map { String(cString: $0) }
        isOwn = rd_kafka_ConfigEntry_source(native) == RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG
        isReadOnly = rd_kafka_ConfigEntry_is_read_only(native) == 1
        isSensitive = rd_kafka_ConfigEntry_is_sensitive(native) == 1
    }
}
