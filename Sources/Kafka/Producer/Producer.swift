import CRdKafka
import Synchronization

/// Writes records: idempotent, with `acks=all`, so that a record is delivered once or reported as failed.
///
/// Either ``enqueue(topic:partition:key:value:headers:timestampMilliseconds:)`` many and ``flush(timeoutMilliseconds:)``
/// (or commit), or `await` ``send(_:)-(ProducerRecord)``. The queue is bounded: when it is full `enqueue` blocks and
/// `send` suspends, up to the delivery timeout.
///
/// With a transactional id: ``initTransactions(timeoutMilliseconds:)`` once, then begin, enqueue, commit or abort.
public final class Producer: Sendable {
    // Right: a topic handle may be used from any thread.
    struct Topic: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    let handle: ClientHandle
    let delivery: DeliveryThread
    private let topics = Mutex<[String: Topic]>([:])
    private let closed = Atomic<Bool>(false)
    let partitionCounts = Mutex<[String: PartitionCount]>([:])
    /// The transactional id, if the producer has one.
    public let transactionalID: String?

    var client: OpaquePointer { handle.pointer }

    /// Makes a producer (`rd_kafka_new`); does not wait for a broker.
    public init(_ configuration: ProducerConfiguration) throws(KafkaError) {
        handle = try ClientHandle(
            RD_KAFKA_PRODUCER, configuration.cluster, defaults: configuration.defaults,
            properties: configuration.properties, fixed: configuration.fixed
        ) { rd_kafka_conf_set_events($0, RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR) }
        delivery = try DeliveryThread(handle)
        transactionalID = configuration.transactionalID
    }

    deinit {
        shutDown()
        topics.withLock { topics in
            for topic in topics.values { rd_kafka_topic_destroy(topic.pointer) }
        }
    }

    /// Waits for what was enqueued, as ``flush(timeoutMilliseconds:)`` does, and closes the producer. What is not
    /// delivered then is thrown away, and an open transaction is left to its timeout. Throws what `flush` throws; the
    /// producer is closed either way.
    public func close(timeoutMilliseconds: Int) throws(KafkaError) {
        guard !closed.load(ordering: .acquiring) else { return }
        defer { shutDown() }
        try flush(timeoutMilliseconds: timeoutMilliseconds)
    }

    private func shutDown() {
        guard !closed.exchange(true, ordering: .acquiringAndReleasing) else { return }
        // Undelivered records get their reports, so that nobody waits for them for ever.
        purge()
        delivery.stop()
    }

    /// The last error that no call threw, such as a broker that went away; it may be over by now.
    public var lastBrokerError: KafkaError? { handle.context.lastError }

    /// How many records are not delivered yet (`rd_kafka_outq_len`).
    public var outstanding: Int { Int(rd_kafka_outq_len(client)) }

    /// Throws everything away that is not delivered; who waits for it gets `purgedFromQueue` or `purgedInFlight`
    /// (`rd_kafka_purge`). Frees callers that a full queue blocks.
    public func purge() {
        _ = rd_kafka_purge(client, Int32(RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT))
    }

    /// Waits until every record was delivered or has failed (`rd_kafka_flush`). Throws `timedOut` (retriable) when
    /// some are still on their way, and `deliveryFailed` when records that were enqueued since the last flush have
    /// failed.
    public func flush(timeoutMilliseconds: Int) throws(KafkaError) {
        try checkOpen("flush")
        let result = rd_kafka_flush(client, timeoutMilliseconds.timeout)
        let failures = delivery.work.takeFailures()
        if let first = failures.first {
            throw KafkaError(
                .deliveryFailed, disposition: first.disposition, operation: "flush",
                reason: "\(failures.count) records were not delivered; the first: \(first.reason)",
                topicPartition: first.topicPartition)
        }
        if result == RD_KAFKA_RESP_ERR__TIMED_OUT {
            throw KafkaError(
                .timedOut, operation: "flush",
                reason: "\(outstanding) records are not delivered after \(timeoutMilliseconds) ms")
        }
        try check(result, "flush")
    }

    func checkOpen(_ operation: @autoclosure () -> String) throws(KafkaError) {
        if closed.load(ordering: .acquiring) {
            throw KafkaError(.closed, operation: operation(), reason: "the producer was closed")
        }
    }

    /// The topic's handle, made on first use (`rd_kafka_topic_new`).
    func topic(_ name: String) throws(KafkaError) -> Topic {
        let topic: Topic? = topics.withLock { topics in
            if let known = topics[name] { return known }
            guard let pointer = rd_kafka_topic_new(handle.pointer, name, nil) else { return nil }
            let topic = Topic(pointer: pointer)
            topics[name] = topic
            return topic
        }
        guard let topic else {
            throw KafkaError(rd_kafka_last_error(), operation: "use topic “\(name)”")
        }
        return topic
    }
}
