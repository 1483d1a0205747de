/// A consumer group, as its coordinator describes it.
public struct GroupDescription: Hashable, Sendable {
    /// Its name.
    public var group: String
    /// What it is doing, in Kafka's words: `Stable`, `Empty`, `PreparingRebalance`, `CompletingRebalance`, `Dead` (also
    /// for a group that there is not), `Unknown`.
    public var state: String
    /// How partitions are given to members; empty without members.
    public var assignor: String
    /// Its members.
    public var members: [GroupMember]
}

/// A member of a consumer group.
public struct GroupMember: Hashable, Sendable {
    /// The id that the coordinator gave it.
    public var memberID: String
    /// How its client names itself.
    public var clientID: String
    /// Where it connects from.
    public var host: String
    /// Its group instance id, if it has one.
    public var groupInstanceID: String?
    /// What it was assigned.
    public var partitions: [TopicPartition]
}
