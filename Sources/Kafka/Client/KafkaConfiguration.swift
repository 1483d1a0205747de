/// Which cluster, and everything that all its clients share.
public struct KafkaConfiguration: Sendable {
    /// `host:port,host:port`: the brokers that are asked first (`bootstrap.servers`).
    public var bootstrapServers: String
    /// How the client names itself to the brokers (`client.id`).
    public var clientID: String
    /// Any properties of librdkafka by their names, such as `security.protocol`. They go before this module's
    /// defaults; ``reservedProperties`` are refused.
    public var properties: [String: String]
    /// Takes librdkafka's log lines, from any thread. Without it nothing is written anywhere; errors are kept as the
    /// client's `lastBrokerError`.
    public var logHandler: (@Sendable (LogLine) -> Void)?
    /// Takes errors that no call throws, such as a broker that went away (librdkafka heals them by itself). Called on
    /// the thread that serves the client; must not block.
    public var errorHandler: (@Sendable (KafkaError) -> Void)?

    /// The cluster behind `bootstrapServers`.
    public init(
        bootstrapServers: String, clientID: String = "swift-kafka", properties: [String: String] = [:],
        logHandler: (@Sendable (LogLine) -> Void)? = nil, errorHandler: (@Sendable (KafkaError) -> Void)? = nil
    ) {
        self.bootstrapServers = bootstrapServers
        self.clientID = clientID
        self.properties = properties
        self.logHandler = logHandler
        self.errorHandler = errorHandler
    }

    /// What holds for every client unless a property says otherwise.
    static let defaults = [
        // Who coordinates is asked anew only after each vain try to reach the coordinator that died. librdkafka would
        // soon try but once in 10 s; the Java clients' limit is this one.
        "reconnect.backoff.max.ms": "1000"
    ]

    /// Properties that cannot be given, each with the reason.
    public static let reservedProperties: [String: String] = [
        "bootstrap.servers": "give it as bootstrapServers",
        "metadata.broker.list": "give it as bootstrapServers",
        "client.id": "give it as clientID",
        "group.id": "give it as the consumer's group",
        "group.instance.id": "give it as the consumer's groupInstanceID",
        "transactional.id": "give it as the producer's transactionalID",
        "isolation.level": "give it as the consumer's isolation",
        "enable.auto.commit": "offsets are committed only by commit(), after the records were dealt with",
        "auto.commit.enable": "offsets are committed only by commit(), after the records were dealt with",
        "enable.auto.offset.store": "offsets are committed only by commit(), after the records were dealt with",
        "auto.offset.reset": "a lost range of offsets is told as an error and never skipped",
        "enable.partition.eof": "the end of a partition is told by its event",
        "enable.idempotence": "the producer is idempotent, so that a retry makes no duplicate",
        "acks": "a record is delivered when all in-sync replicas have it",
        "request.required.acks": "a record is delivered when all in-sync replicas have it",
        "partitioner": "partition(forKey:of:) must agree with it; give the partition with the record instead",
        "delivery.report.only.error": "the producer waits for the reports of delivered records",
    ]
}
