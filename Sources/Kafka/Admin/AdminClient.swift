import CRdKafka

/// Describes and changes a cluster: topics, their configurations, groups and their offsets. Each call blocks up to its
/// timeout and may be made from any thread.
public final class AdminClient: Sendable {
    let handle: ClientHandle
    let configuration: KafkaConfiguration
    /// The group whose offsets it may ask for.
    let group: String?

    var client: OpaquePointer { handle.pointer }

    /// Makes a client (`rd_kafka_new`); does not wait for a broker.
    ///
    /// - Parameter group: the one whose offsets will be asked for again and again; that of another costs a client of its
    ///   own each time.
    public init(_ configuration: KafkaConfiguration, group: String? = nil) throws(KafkaError) {
        self.configuration = configuration
        self.group = group
        // A consumer, because its metadata requests create no topics, seeing all records. It joins no group.
        var fixed = ["isolation.level": "read_uncommitted"]
        if let group { fixed["group.id"] = group }
        handle = try ClientHandle(RD_KAFKA_CONSUMER, configuration, fixed: fixed)
    }

    /// The last error that no call threw, such as a broker that went away; it may be over by now.
    public var lastBrokerError: KafkaError? {
        rd_kafka_poll(client, 0)
        return handle.context.lastError
    }

    /// The cluster's id (`rd_kafka_clusterid`). Brokers older than 0.10.1 have none.
    public func clusterID(timeoutMilliseconds: Int) throws(KafkaError) -> String {
        guard let id = handle.clusterID(timeoutMilliseconds: timeoutMilliseconds) else {
            throw KafkaError(
                .unreachable, operation: "read the cluster's id",
                reason: "no broker told it within \(timeoutMilliseconds) ms")
        }
        return id
    }

    /// Sends an admin request and gives its answer to `read`.
    func perform<Answer>(
        _ operation: String, _ kind: rd_kafka_admin_op_t, timeoutMilliseconds: Int,
        validateOnly: Bool = false,
        send: (_ options: OpaquePointer, _ queue: OpaquePointer) -> Void,
        read: (_ event: OpaquePointer) throws(KafkaError) -> Answer
    ) throws(KafkaError) -> Answer {
        guard let options = rd_kafka_AdminOptions_new(client, kind) else {
            throw KafkaError(.unexpectedAnswer, operation: operation, reason: "librdkafka does not know the request")
        }
        defer { rd_kafka_AdminOptions_destroy(options) }
        let timeout = max(1, timeoutMilliseconds.timeout)
        let outcome = withErrorText { text, size in
            let result = rd_kafka_AdminOptions_set_request_timeout(options, timeout, text, size)
            guard result == RD_KAFKA_RESP_ERR_NO_ERROR, validateOnly else { return result }
            return rd_kafka_AdminOptions_set_validate_only(options, 1, text, size)
        }
        guard outcome.result == RD_KAFKA_RESP_ERR_NO_ERROR else {
            throw KafkaError(outcome.result, operation: operation, reason: outcome.reason)
        }
        let queue: OpaquePointer = rd_kafka_queue_new(client)
        defer { rd_kafka_queue_destroy(queue) }
        send(options, queue)
        // librdkafka answers by itself when the time is up; the second is for that.
        guard let event = rd_kafka_queue_poll(queue, timeout.addingReportingOverflow(1_000).partialValue) else {
            throw KafkaError(
                .timedOut, operation: operation, reason: "no answer within \(timeoutMilliseconds) ms")
        }
        defer { rd_kafka_event_destroy(event) }
        let code = rd_kafka_event_error(event)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
            throw KafkaError(
                code, operation: operation, reason: rd_kafka_event_error_string(event).map { String(cString: $0) })
        }
        return try read(event)
    }

    /// Asks until `isSo`: brokers learn of a change that the controller has taken a moment later. Throws `timedOut` if
    /// they do not in time.
    func waitUntilVisible(
        _ operation: String, timeoutMilliseconds: Int, _ isSo: (_ remainingMilliseconds: Int) throws(KafkaError) -> Bool
    ) throws(KafkaError) {
        let deadline = MonotonicTime.milliseconds + timeoutMilliseconds
        while try !isSo(max(1, deadline - MonotonicTime.milliseconds)) {
            guard MonotonicTime.milliseconds < deadline else {
                throw KafkaError(
                    .timedOut, operation: operation,
                    reason: "the change was taken but is not to be seen after \(timeoutMilliseconds) ms")
            }
            // Serves this client's events meanwhile.
            rd_kafka_poll(client, 20)
        }
    }

    /// Throws if an event is not the answer that was expected.
    func answer(_ result: OpaquePointer?, _ operation: String) throws(KafkaError) -> OpaquePointer {
        guard let result else {
            throw KafkaError(.unexpectedAnswer, operation: operation, reason: "the answer is of another kind")
        }
        return result
    }
}
