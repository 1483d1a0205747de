import CRdKafka
import Synchronization

extension Consumer {
    /// How long a wait lasts before callbacks are served again, in milliseconds.
    private static let sliceMilliseconds = 1_000
    /// The same while a partition's way to the record queue may still be cut by the end of its last assignment.
    private static let unconfirmedSliceMilliseconds = 50

    /// How often the queue may be asked to be refilled.
    private static let refillIntervalMilliseconds = 10

    /// Reads a batch: waits up to `waitMilliseconds` for a first record, then takes more until there are
    /// `recordsMax`, or `batchMilliseconds` have passed since the first, or nothing came for `idleMilliseconds`
    /// (`rd_kafka_consume_batch_queue`). Serves callbacks, so it must be called more often than
    /// `max.poll.interval.ms`.
    ///
    /// Returns early, maybe without records, when partitions were assigned or taken away, when a partition's end was
    /// reached before the first record, and after a ``ConsumerWaker/wake()``.
    ///
    /// Throws what the rebalance handler threw, and ``KafkaError``: among others `offsetOutOfRange` with the partition,
    /// the offset and the range that there is. Records read before an error are handed out first. After a retriable
    /// error polling may go on.
    public func poll(
        recordsMax: Int, waitMilliseconds: Int, batchMilliseconds: Int = 500, idleMilliseconds: Int = 20
    ) throws -> RecordBatch {
        precondition(recordsMax > 0, "a batch has room for at least one record")
        try checkOpen("poll")
        let rebalancesBefore = rebalances
        let deadline = MonotonicTime.milliseconds + waitMilliseconds
        try serveCallbacks()
        var builder = BatchBuilder(capacity: recordsMax, slots: assignment.slots.count)
        while true {
            addStrays(to: &builder)
            if rebalances != rebalancesBefore { break }
            if handle.wakeRequested.exchange(false, ordering: .acquiring) { break }
            let now = MonotonicTime.milliseconds
            refillIfLow(recordsMax: recordsMax, now: now)
            let came = read(into: &builder, limit: 1, timeoutMilliseconds: slice(of: deadline - now))
            if came > 0, builder.count > 0 {
                collect(
                    into: &builder, batchDeadline: MonotonicTime.milliseconds + batchMilliseconds,
                    idleMilliseconds: idleMilliseconds)
                break
            }
            if !builder.isEmpty || !pendingErrors.isEmpty || MonotonicTime.milliseconds >= deadline { break }
            try serveCallbacks()
            if rebalances != rebalancesBefore {
                builder = BatchBuilder(capacity: recordsMax, slots: assignment.slots.count)
            }
        }
        if builder.isEmpty { try throwPendingError() }
        return builder.finish(handle)
    }

    /// Adds to a batch that has a first record.
    private func collect(into builder: inout BatchBuilder, batchDeadline: Int, idleMilliseconds: Int) {
        var lastCame = MonotonicTime.milliseconds
        while !builder.isFull {
            // What is there already, without waiting for the rest.
            if read(into: &builder, limit: Int.max, timeoutMilliseconds: 0) > 0 {
                lastCame = MonotonicTime.milliseconds
                if builder.isFull { return }
            }
            // Callbacks wait for the next poll, when this batch has been dealt with.
            if !pendingErrors.isEmpty || rd_kafka_queue_length(handle.callbackQueue) > 0 { return }
            if handle.wakeRequested.exchange(false, ordering: .acquiring) { return }
            let now = MonotonicTime.milliseconds
            let wait = min(batchDeadline, lastCame + idleMilliseconds) - now
            if wait <= 0 { return }
            if read(into: &builder, limit: 1, timeoutMilliseconds: slice(of: wait)) > 0 {
                lastCame = MonotonicTime.milliseconds
            }
        }
    }

    /// Sees to it that the record queue does not run empty while there is more to fetch.
    private func refillIfLow(recordsMax: Int, now: Int) {
        guard now - lastRefillMilliseconds >= Self.refillIntervalMilliseconds,
            rd_kafka_queue_length(handle.recordQueue) < 2 * recordsMax
        else { return }
        let waiting = assignment.slots.filter { $0.isConfirmed && !$0.isAtEnd }.map(\.topicPartition)
        guard !waiting.isEmpty else { return }
        lastRefillMilliseconds = now
        handle.refill(waiting)
    }

    private func slice(of milliseconds: Int) -> Int {
        min(
            max(0, milliseconds),
            assignment.unconfirmed > 0 ? Self.unconfirmedSliceMilliseconds : Self.sliceMilliseconds)
    }

    private func read(into builder: inout BatchBuilder, limit: Int, timeoutMilliseconds: Int) -> Int {
        if assignment.unconfirmed > 0 {
            // The end of an earlier assignment of the same partition, which librdkafka works off in its own thread,
            // cuts the way to the record queue. No record is lost by that, they wait in the partition's own queue.
            for slot in assignment.slots where !slot.isConfirmed { handle.forward(slot.topicPartition) }
        }
        return builder.read(
            from: handle.recordQueue, limit: limit, timeoutMilliseconds: timeoutMilliseconds, assignment: &assignment
        ) { noteError($0) }
    }

    /// Runs rebalances and takes errors that are not of one partition.
    private func serveCallbacks() throws {
        servingCallbacks {
            while let message = rd_kafka_consumer_poll(client, 0) {
                if message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR
                    || message.pointee.err == RD_KAFKA_RESP_ERR__PARTITION_EOF
                {
                    strays.append(message)
                } else {
                    noteError(message)
                    rd_kafka_message_destroy(message)
                }
            }
        }
        try throwPendingError()
    }

    /// Adds what came beside the record queue. That does not happen as librdkafka is written today; if a version
    /// answers otherwise, no record may be lost by it.
    private func addStrays(to builder: inout BatchBuilder) {
        while !strays.isEmpty, !builder.isFull {
            builder.add(strays.removeFirst(), assignment: &assignment) { noteError($0) }
        }
    }

    private func throwPendingError() throws {
        if !pendingErrors.isEmpty { throw pendingErrors.removeFirst() }
    }

    /// Keeps an error that came as a message.
    private func noteError(_ message: UnsafeMutablePointer<rd_kafka_message_t>) {
        let code = message.pointee.err
        if code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR__PARTITION_EOF { return }
        let reason = rd_kafka_message_errstr(message).map { String(cString: $0) }
        let isGroupTrouble = group == nil && message.pointee.rkt == nil && code != RD_KAFKA_RESP_ERR__FATAL
        if code == RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED || isGroupTrouble {
            // The handler is told by `lost`; and a consumer without a group has no group to fail.
            handle.client.context.record(KafkaError(code, operation: "poll", reason: reason))
            return
        }
        guard let topic = message.pointee.rkt, let name = rd_kafka_topic_name(topic) else {
            pendingErrors.append(KafkaError(code, of: client, operation: "poll", reason: reason))
            return
        }
        let partition = TopicPartition(topic: String(cString: name), partition: message.pointee.partition)
        if code == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET {
            pendingErrors.append(lostPosition(partition, asked: message.pointee.offset, reason: reason))
        } else {
            pendingErrors.append(KafkaError(code, operation: "poll", reason: reason, topicPartition: partition))
        }
    }

    /// The position cannot be read: with the range that can.
    private func lostPosition(_ partition: TopicPartition, asked: Int64, reason: String?) -> KafkaError {
        let range = try? handle.client.watermarks(of: partition, timeoutMilliseconds: 5_000)
        guard asked >= 0 else {
            return KafkaError(
                .noCommittedOffset, operation: "poll",
                reason: "the group has committed no offset and none was given to start at", topicPartition: partition,
                availableOffsets: range)
        }
        return KafkaError(
            .offsetOutOfRange, operation: "poll", reason: reason ?? "the partition does not have this offset",
            topicPartition: partition, offset: asked, availableOffsets: range)
    }
}
