/// How a producer writes.
public struct ProducerConfiguration: Sendable {
    /// The cluster.
    public var cluster: KafkaConfiguration
    /// Makes the producer transactional (`transactional.id`): of all with the same id only the latest may write.
    public var transactionalID: String?
    /// Properties for this producer alone; they go before those of the cluster.
    public var properties: [String: String]

    /// A producer to `cluster`.
    public init(_ cluster: KafkaConfiguration, transactionalID: String? = nil, properties: [String: String] = [:]) {
        self.cluster = cluster
        self.transactionalID = transactionalID
        self.properties = properties
    }

    var defaults: [String: String] {
        var defaults = [
            "compression.type": "lz4",
            "linger.ms": "5",
            // A full queue makes the caller wait, so it bounds the memory and not the speed.
            "queue.buffering.max.kbytes": "32768",
            "queue.buffering.max.messages": "100000",
        ]
        if transactionalID == nil {
            defaults["delivery.timeout.ms"] = "120000"
        } else {
            // How long one that died holds back the readers of committed records. It bounds the delivery too.
            defaults["transaction.timeout.ms"] = "15000"
        }
        return defaults
    }

    var fixed: [String: String] {
        var fixed = [
            "enable.idempotence": "true",
            "acks": "all",
            // As the Java clients: murmur2 of the key, random without one.
            "partitioner": "murmur2_random",
        ]
        if let transactionalID { fixed["transactional.id"] = transactionalID }
        return fixed
    }
}
