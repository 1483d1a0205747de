import CRdKafka

/// `rebalance_cb`: on the owner's thread, inside poll or close.
nonisolated let rebalanceCallback:
    @convention(c) (
        OpaquePointer?, rd_kafka_resp_err_t, UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?,
        UnsafeMutableRawPointer?
    ) -> Void = { client, event, list, opaque in
        if let consumer = ClientContext.of(opaque)?.activeConsumer {
            consumer.takeUnretainedValue().rebalance(event, list)
        } else if let client {
            // The consumer was released without being closed.
            giveUp(list, of: client)
        }
    }

/// Gives `list` up, as the group's protocol wants it.
private func giveUp(_ list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?, of client: OpaquePointer) {
    if isCooperative(client), let list {
        if let error = rd_kafka_incremental_unassign(client, list) { rd_kafka_error_destroy(error) }
    } else {
        _ = rd_kafka_assign(client, nil)
    }
}

private func isCooperative(_ client: OpaquePointer) -> Bool {
    rd_kafka_rebalance_protocol(client).map { String(cString: $0) } == "COOPERATIVE"
}

extension Consumer {
    fileprivate func rebalance(
        _ event: rd_kafka_resp_err_t, _ list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?
    ) {
        rebalances += 1
        let partitions = list.map { PartitionList.entries(of: $0).map(\.topicPartition) } ?? []
        switch event {
        case RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS:
            take(partitions)
        case RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS:
            // Asked before anything is unassigned, which would reset it.
            let lost = rd_kafka_assignment_lost(client) != 0
            release(partitions, list, lost: lost)
        default:
            pendingErrors.append(KafkaError(event, of: client, operation: "rebalance the group"))
            giveUp(list, of: client)
            assignment = Assignment()
        }
    }

    private func take(_ partitions: [TopicPartition]) {
        do {
            let starts = try rebalanceHandler?.assigned(partitions, by: self) ?? [:]
            // A pause ends with the assignment that it was made for.
            let stillPaused = paused.intersection(partitions)
            if !stillPaused.isEmpty { try resume(Array(stillPaused)) }
            let all = Dictionary(
                partitions.map { ($0, starts[$0] ?? LogicalOffset.committed) }, uniquingKeysWith: { first, _ in first })
            if isCooperative(client) {
                let list = PartitionList(all)
                for partition in partitions { handle.forward(partition) }
                try check(list.lend { rd_kafka_incremental_assign(client, $0) }, "take over partitions")
                assignment.add(all)
            } else {
                try applyAssignment(all)
            }
        } catch {
            pendingErrors.append(error)
            refuse()
        }
    }

    /// Ends an assignment that could not be taken. librdkafka waits for an answer: none of the partitions.
    private func refuse() {
        if isCooperative(client) {
            let none = PartitionList([TopicPartition]())
            if let error = none.lend({ rd_kafka_incremental_assign(client, $0) }) { rd_kafka_error_destroy(error) }
        } else {
            _ = rd_kafka_assign(client, nil)
            assignment = Assignment()
        }
    }

    private func release(
        _ partitions: [TopicPartition], _ list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?, lost: Bool
    ) {
        if !partitions.isEmpty {
            do {
                if lost {
                    try rebalanceHandler?.lost(partitions, by: self)
                } else {
                    try rebalanceHandler?.revoked(partitions, by: self)
                }
            } catch {
                pendingErrors.append(error)
            }
        }
        giveUp(list, of: client)
        assignment.remove(partitions)
    }

    /// Takes assigned partitions anew, from other offsets.
    func replaceStarts(_ starts: [TopicPartition: Int64]) throws(KafkaError) {
        guard isCooperative(client) else {
            // All at once: the others go on where they are.
            var all = starts
            for slot in assignment.slots where all[slot.topicPartition] == nil {
                all[slot.topicPartition] = slot.position
            }
            return try applyAssignment(all)
        }
        let list = PartitionList(starts)
        try check(list.lend { rd_kafka_incremental_unassign(client, $0) }, "give partitions up")
        assignment.remove(starts.keys)
        for partition in starts.keys { handle.forward(partition) }
        try check(list.lend { rd_kafka_incremental_assign(client, $0) }, "take partitions anew")
        assignment.add(starts)
    }

    /// `rd_kafka_assign` with the partitions led to the record queue.
    func applyAssignment(_ starts: [TopicPartition: Int64]) throws(KafkaError) {
        let list = PartitionList(starts)
        for partition in starts.keys { handle.forward(partition) }
        try check(list.lend { rd_kafka_assign(client, $0) }, "assign partitions")
        assignment.replace(with: starts)
    }
}
