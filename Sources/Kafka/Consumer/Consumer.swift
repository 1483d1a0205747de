import CRdKafka

/// Reads topics, a batch at a time.
///
/// One thread owns a consumer: it polls, commits and runs the rebalance handler; the type is not Sendable, so the
/// compiler sees to it. Either ``subscribe(_:)`` as a member of a group, or ``assign(_:)``.
///
/// Offsets are committed by ``commit(_:)`` alone. A position that the partition does not have is an error
/// (``KafkaError/Code/offsetOutOfRange``) that names the range, never a silent jump.
///
/// Call ``close()`` to leave the group with the handler told; a consumer that is merely released leaves it without.
public final class Consumer {
    let handle: ConsumerHandle
    /// The group; nil for a consumer that is only assigned partitions.
    public let group: String?
    let rebalanceHandler: (any RebalanceHandler)?
    var assignment = Assignment()
    /// What the next poll throws: met behind records that had to be handed out first.
    var pendingErrors: [any Error] = []
    /// Partitions that are paused, assigned or not: librdkafka remembers a pause beyond the assignment.
    var paused: Set<TopicPartition> = []
    /// Messages that came beside the record queue.
    var strays: [UnsafeMutablePointer<rd_kafka_message_t>] = []
    /// When the record queue was last seen to be refilled.
    var lastRefillMilliseconds = 0
    /// How many rebalances there have been.
    public internal(set) var rebalances = 0
    /// Whether it was closed.
    public private(set) var isClosed = false

    var client: OpaquePointer { handle.client.pointer }

    /// Makes a consumer (`rd_kafka_new`); does not wait for a broker. The handler is kept, and called as
    /// ``RebalanceHandler`` says.
    public init(
        _ configuration: ConsumerConfiguration, rebalanceHandler: (any RebalanceHandler)? = nil
    ) throws(KafkaError) {
        let client = try ClientHandle(
            RD_KAFKA_CONSUMER, configuration.cluster, defaults: ConsumerConfiguration.defaults,
            properties: configuration.properties, fixed: configuration.fixed
        ) { rd_kafka_conf_set_rebalance_cb($0, rebalanceCallback) }
        handle = try ConsumerHandle(client)
        group = configuration.group
        self.rebalanceHandler = rebalanceHandler
    }

    deinit {
        for message in strays { rd_kafka_message_destroy(message) }
        guard !isClosed else { return }
        // The rebalance callback finds no consumer and only gives the partitions up.
        _ = rd_kafka_consumer_close(client)
    }

    /// Ends this consumer's waiting, from any thread.
    public var waker: ConsumerWaker { ConsumerWaker(handle) }

    /// The last error that no call threw, such as a broker that went away; it may be over by now.
    public var lastBrokerError: KafkaError? { handle.client.context.lastError }

    /// How long the group waits for the next poll before it takes the partitions away (`max.poll.interval.ms`).
    public var maxPollIntervalMilliseconds: Int { milliseconds(of: "max.poll.interval.ms") ?? 300_000 }

    /// How long the group waits for a sign of life before it takes the partitions away (`session.timeout.ms`).
    public var sessionTimeoutMilliseconds: Int { milliseconds(of: "session.timeout.ms") ?? 45_000 }

    private func milliseconds(of property: String) -> Int? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { text in
            var size = text.count
            guard let base = text.baseAddress,
                rd_kafka_conf_get(rd_kafka_conf(client), property, base, &size) == RD_KAFKA_CONF_OK
            else { return nil }
            return Int(String(cString: base))
        }
    }

    func checkOpen(_ operation: @autoclosure () -> String) throws(KafkaError) {
        if isClosed { throw KafkaError(.closed, operation: operation(), reason: "the consumer was closed") }
    }

    /// Joins the group for `topics` (`rd_kafka_subscribe`); a name that begins with `^` is a regular expression.
    /// Partitions come with later polls.
    public func subscribe(_ topics: [String]) throws(KafkaError) {
        try checkOpen("subscribe")
        guard group != nil else {
            throw KafkaError(
                .invalidConfiguration, operation: "subscribe", reason: "the consumer was made without a group")
        }
        let list = PartitionList(topics.map { TopicPartition(topic: $0, partition: -1) })
        try check(list.lend { rd_kafka_subscribe(client, $0) }, "subscribe to \(topics.joined(separator: ", "))")
    }

    /// Reads exactly these partitions from these offsets (``LogicalOffset`` too), without a group's say
    /// (`rd_kafka_assign`).
    public func assign(_ starts: [TopicPartition: Int64]) throws(KafkaError) {
        try checkOpen("assign partitions")
        try applyAssignment(starts)
    }

    /// Leaves the group and gives the partitions up, the handler being told (`rd_kafka_consumer_close`). Blocks about
    /// as long as the group's session at most. Throws what the handler threw, else the library's error; the consumer
    /// is closed either way. Closing it again does nothing.
    public func close() throws {
        guard !isClosed else { return }
        let result = servingCallbacks { rd_kafka_consumer_close(client) }
        isClosed = true
        assignment = Assignment()
        let errors = pendingErrors
        pendingErrors = []
        if let error = errors.first { throw error }
        if result != RD_KAFKA_RESP_ERR_NO_ERROR {
            throw KafkaError(result, of: client, operation: "close the consumer")
        }
    }

    /// Runs a call that may run the rebalance callback.
    func servingCallbacks<Result>(_ body: () -> Result) -> Result {
        let context = handle.client.context
        context.activeConsumer = Unmanaged.passUnretained(self)
        defer { context.activeConsumer = nil }
        return body()
    }
}
