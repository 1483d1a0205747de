/// A topic, as the brokers describe it.
public struct TopicDescription: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// Its partitions, by number.
    public var partitions: [PartitionDescription]

    /// How many brokers shall have each partition (of the first one, if they differ).
    public var replicationFactor: Int { partitions.first?.replicas.count ?? 0 }
}

/// One setting of a topic.
public struct TopicSetting: Hashable, Sendable {
    /// Its name, such as `retention.ms`.
    public var name: String
    /// Its value; nil where the broker keeps it secret.
    public var value: String?
    /// Whether it was set on the topic itself; else it is the broker's or Kafka's default.
    public var isOwn: Bool
    /// Whether it cannot be changed.
    public var isReadOnly: Bool
    /// Whether its value is a secret.
    public var isSensitive: Bool
}

/// A topic to make.
public struct NewTopic: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// How many partitions; -1: the cluster's default.
    public var partitions: Int
    /// How many brokers shall have each; nil: the cluster's default.
    public var replicationFactor: Int?
    /// Its settings, such as `cleanup.policy`.
    public var settings: [String: String]

    /// A topic to make.
    public init(_ name: String, partitions: Int, replicationFactor: Int? = nil, settings: [String: String] = [:]) {
        self.name = name
        self.partitions = partitions
        self.replicationFactor = replicationFactor
        self.settings = settings
    }
}
