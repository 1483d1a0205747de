/// Where a record was written.
public struct Delivery: Hashable, Sendable {
    /// The partition.
    public var topicPartition: TopicPartition
    /// The record's offset there.
    public var offset: Int64

    /// A record at `offset` of `topicPartition`.
    public init(topicPartition: TopicPartition, offset: Int64) {
        self.topicPartition = topicPartition
        self.offset = offset
    }
}
