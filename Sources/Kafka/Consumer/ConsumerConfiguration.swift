import CRdKafka

/// How a consumer reads.
public struct ConsumerConfiguration: Sendable {
    /// Which records of transactions are seen.
    public enum Isolation: String, Sendable {
        /// Only those of committed transactions, and nothing behind the first open one.
        case readCommitted = "read_committed"
        /// All, also those of aborted and of open transactions.
        case readUncommitted = "read_uncommitted"
    }

    /// The cluster.
    public var cluster: KafkaConfiguration
    /// The consumer group (`group.id`). Without one the consumer can only be assigned partitions, and not commit.
    public var group: String?
    /// A name that stays the member's when its process starts again, so that no rebalance follows
    /// (`group.instance.id`).
    public var groupInstanceID: String?
    /// Which records of transactions are seen (`isolation.level`).
    public var isolation: Isolation
    /// Properties for this consumer alone; they go before those of the cluster.
    public var properties: [String: String]

    /// A consumer of `cluster`, as a member of `group`.
    public init(
        _ cluster: KafkaConfiguration, group: String?, groupInstanceID: String? = nil,
        isolation: Isolation = .readCommitted, properties: [String: String] = [:]
    ) {
        self.cluster = cluster
        self.group = group
        self.groupInstanceID = groupInstanceID
        self.isolation = isolation
        self.properties = properties
    }

    /// What holds unless a property says otherwise.
    static let defaults: [String: String] = {
        var defaults = [
            // `range`: the cooperative assignor of librdkafka 2.0.2 has bugs.
            "partition.assignment.strategy": "range",
            // Longer than a cluster takes to notice that a broker died (9 s) and to make another one coordinator: a member
            // that gave up before would join as a stranger and wait for its own old self to be missed.
            "session.timeout.ms": "15000",
            "heartbeat.interval.ms": "1000",
            // Both bound the memory: a fetch is compressed, and a small record costs three times its bytes beside them.
            // `queued.min.messages` is left high on purpose: low, it collapses the throughput.
            "queued.max.messages.kbytes": "8192",
            "fetch.message.max.bytes": "131072",
        ]
        if let backoff = fetchQueueBackoffMilliseconds { defaults["fetch.queue.backoff.ms"] = "\(backoff)" }
        return defaults
    }()

    /// How long fetching pauses after the queue was full, where librdkafka has a property for it: since 2.2.0.
    static let fetchQueueBackoffMilliseconds: Int? = rd_kafka_version() >= 0x0202_0000 ? 10 : nil

    var fixed: [String: String] {
        var fixed = [
            // librdkafka wants a group for assigned partitions too; nothing is ever committed to this one.
            "group.id": group ?? "swift-kafka.no-group",
            "enable.auto.commit": "false",
            "enable.auto.offset.store": "false",
            "auto.offset.reset": "error",
            "enable.partition.eof": "true",
            "isolation.level": isolation.rawValue,
        ]
        if let groupInstanceID { fixed["group.instance.id"] = groupInstanceID }
        return fixed
    }
}
