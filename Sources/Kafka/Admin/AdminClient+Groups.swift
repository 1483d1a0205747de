import CRdKafka

extension AdminClient {
    /// A group's state and members (`rd_kafka_DescribeConsumerGroups`).
    public func describeGroup(_ group: String, timeoutMilliseconds: Int) throws(KafkaError) -> GroupDescription {
        let operation = "describe group \(group)"
        return try performAtCoordinator(
            operation, RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS, timeoutMilliseconds: timeoutMilliseconds
        ) { options, queue in
            group.withCString { name in
                var names: [UnsafePointer<CChar>?] = [name]
                rd_kafka_DescribeConsumerGroups(client, &names, 1, options, queue)
            }
        } read: { event throws(KafkaError) in
            let result = try answer(rd_kafka_event_DescribeConsumerGroups_result(event), operation)
            var count = 0
            let groups = rd_kafka_DescribeConsumerGroups_result_groups(result, &count)
            guard let native = UnsafeBufferPointer(start: groups, count: count).first.flatMap(\.self) else {
                throw KafkaError(.unexpectedAnswer, operation: operation, reason: "the answer names no group")
            }
            if let error = rd_kafka_ConsumerGroupDescription_error(native) {
                throw KafkaError(borrowing: error, operation: operation)
            }
            return GroupDescription(native: native)
        }
    }

    /// What a group has committed (`rd_kafka_ListConsumerGroupOffsets`), for these partitions or for all that it ever
    /// committed; partitions without an offset are left out.
    public func groupOffsets(
        _ group: String, of partitions: [TopicPartition]? = nil, timeoutMilliseconds: Int
    ) throws(KafkaError) -> [TopicPartition: Int64] {
        // An answer from a broker that does not coordinate the group (it is new, or has just moved) sends librdkafka to
        // the client's own group, and where there is none to address 0 (2.0.2, and at least up to 2.10).
        guard group == self.group else {
            return try AdminClient(configuration, group: group)
                .groupOffsets(group, of: partitions, timeoutMilliseconds: timeoutMilliseconds)
        }
        let operation = "list the offsets of group \(group)"
        let native: OpaquePointer
        if let partitions {
            let list = PartitionList(partitions)
            native = list.lend { rd_kafka_ListConsumerGroupOffsets_new(group, $0) }
        } else {
            native = rd_kafka_ListConsumerGroupOffsets_new(group, nil)
        }
        defer { rd_kafka_ListConsumerGroupOffsets_destroy(native) }
        return try performAtCoordinator(
            operation, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, timeoutMilliseconds: timeoutMilliseconds
        ) { options, queue in
            var natives: [OpaquePointer?] = [native]
            rd_kafka_ListConsumerGroupOffsets(client, &natives, 1, options, queue)
        } read: { event throws(KafkaError) in
            let result = try answer(rd_kafka_event_ListConsumerGroupOffsets_result(event), operation)
            var count = 0
            let groups = rd_kafka_ListConsumerGroupOffsets_result_groups(result, &count)
            return try Self.offsets(ofGroups: groups, count, operation).filter { $0.value >= 0 }
        }
    }

    /// Commits for a group from outside (`rd_kafka_AlterConsumerGroupOffsets`). The group must have no members: else
    /// `unknownMember`, also for a moment after the last one has left. Throws the first partition's error.
    public func alterGroupOffsets(
        _ group: String, _ offsets: [TopicPartition: Int64], timeoutMilliseconds: Int
    ) throws(KafkaError) {
        guard !offsets.isEmpty else { return }
        let operation = "alter the offsets of group \(group)"
        let list = PartitionList(offsets)
        let native: OpaquePointer = list.lend { rd_kafka_AlterConsumerGroupOffsets_new(group, $0) }
        defer { rd_kafka_AlterConsumerGroupOffsets_destroy(native) }
        try performAtCoordinator(
            operation, RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS, timeoutMilliseconds: timeoutMilliseconds
        ) { options, queue in
            var natives: [OpaquePointer?] = [native]
            rd_kafka_AlterConsumerGroupOffsets(client, &natives, 1, options, queue)
        } read: { event throws(KafkaError) in
            let result = try answer(rd_kafka_event_AlterConsumerGroupOffsets_result(event), operation)
            var count = 0
            let groups = rd_kafka_AlterConsumerGroupOffsets_result_groups(result, &count)
            _ = try Self.offsets(ofGroups: groups, count, operation)
        }
    }

    /// Deletes a group without members, with its offsets (`rd_kafka_DeleteGroups`).
    public func deleteGroup(_ group: String, timeoutMilliseconds: Int) throws(KafkaError) {
        let operation = "delete group \(group)"
        let native = rd_kafka_DeleteGroup_new(group)
        defer { rd_kafka_DeleteGroup_destroy(native) }
        try performAtCoordinator(
            operation, RD_KAFKA_ADMIN_OP_DELETEGROUPS, timeoutMilliseconds: timeoutMilliseconds
        ) { options, queue in
            var natives: [OpaquePointer?] = [native]
            rd_kafka_DeleteGroups(client, &natives, 1, options, queue)
        } read: { event throws(KafkaError) in
            let result = try answer(rd_kafka_event_DeleteGroups_result(event), operation)
            var count = 0
            let groups = rd_kafka_DeleteGroups_result_groups(result, &count)
            _ = try Self.offsets(ofGroups: groups, count, operation)
        }
    }

    /// The same as `perform`, again while the group's coordinator is only starting or moving.
    private func performAtCoordinator<Answer>(
        _ operation: String, _ kind: rd_kafka_admin_op_t, timeoutMilliseconds: Int,
        send: (_ options: OpaquePointer, _ queue: OpaquePointer) -> Void,
        read: (_ event: OpaquePointer) throws(KafkaError) -> Answer
    ) throws(KafkaError) -> Answer {
        let deadline = MonotonicTime.milliseconds + timeoutMilliseconds
        while true {
            let remaining = max(1, deadline - MonotonicTime.milliseconds)
            do {
                return try perform(operation, kind, timeoutMilliseconds: remaining, send: send, read: read)
            } catch {
                guard Self.coordinatorIsUnsettled.contains(error.code), MonotonicTime.milliseconds < deadline else {
                    throw error
                }
                // Serves this client's events meanwhile.
                rd_kafka_poll(client, 50)
            }
        }
    }

    private static let coordinatorIsUnsettled: Set<KafkaError.Code> = [
        KafkaError.Code(RD_KAFKA_RESP_ERR_NOT_COORDINATOR),
        KafkaError.Code(RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE),
        KafkaError.Code(RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS),
    ]

    /// The offsets of groups' results; throws the first group's or partition's error.
    private static func offsets(
        ofGroups groups: UnsafeMutablePointer<OpaquePointer?>?, _ count: Int, _ operation: String
    ) throws(KafkaError) -> [TopicPartition: Int64] {
        var all: [TopicPartition: Int64] = [:]
        for case let group? in UnsafeBufferPointer(start: groups, count: count) {
            if let error = rd_kafka_group_result_error(group) {
                throw KafkaError(borrowing: error, operation: operation)
            }
            guard let list = rd_kafka_group_result_partitions(group) else { continue }
            // The event says success even when a partition does not.
            for (partition, offset) in try offsets(of: list, operation) { all[partition] = offset }
        }
        return all
    }
}

extension GroupDescription {
    fileprivate init(native: OpaquePointer) {
        group = rd_kafka_ConsumerGroupDescription_group_id(native).map { String(cString: $0) } ?? ""
        state =
            rd_kafka_consumer_group_state_name(rd_kafka_ConsumerGroupDescription_state(native))
            .map { String(cString: $0) } ?? "Unknown"
        assignor =
            rd_kafka_ConsumerGroupDescription_partition_assignor(native).map { String(cString: $0) } ?? ""
        let count = rd_kafka_ConsumerGroupDescription_member_count(native)
        members = (0..<count).compactMap { index in
            rd_kafka_ConsumerGroupDescription_member(native, index).map { GroupMember(native: $0) }
        }
    }
}

extension GroupMember {
    fileprivate init(native: OpaquePointer) {
        memberID = rd_kafka_MemberDescription_consumer_id(native).map { String(cString: $0) } ?? ""
        clientID = rd_kafka_MemberDescription_client_id(native).map { String(cString: $0) } ?? ""
        host = rd_kafka_MemberDescription_host(native).map { String(cString: $0) } ?? ""
        groupInstanceID = rd_kafka_MemberDescription_group_instance_id(native).map { String(cString: $0) }
        let assignment = rd_kafka_MemberDescription_assignment(native)
        partitions =
            assignment.flatMap { rd_kafka_MemberAssignment_partitions($0) }
            .map { PartitionList.entries(of: $0).map(\.topicPartition) } ?? []
    }
}
