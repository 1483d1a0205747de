/// What a consumer does when its group gives it partitions or takes them away.
///
/// The calls come from inside ``Consumer/poll(recordsMax:waitMilliseconds:batchMilliseconds:idleMilliseconds:)`` and
/// ``Consumer/close()``, on the owner's thread, while librdkafka waits: partitions that are being revoked are still
/// owned, so records in hand can be finished and their offsets committed. A poll never breaks a batch for it: what was
/// collected before is handed out first.
///
/// An error that a call throws gives the partitions up and is thrown by the `poll` or `close` around it.
public protocol RebalanceHandler: AnyObject {
    /// New partitions, maybe none (a group with more members than partitions). Returns where to start each one;
    /// for a partition that is left out, where the group committed.
    func assigned(_ partitions: [TopicPartition], by consumer: Consumer) throws -> [TopicPartition: Int64]
    /// Partitions are about to go to another member. They are still owned: commit now.
    func revoked(_ partitions: [TopicPartition], by consumer: Consumer) throws
    /// Partitions are gone already (the consumer was silent for too long); another member may have them. Commit
    /// nothing.
    func lost(_ partitions: [TopicPartition], by consumer: Consumer) throws
}

extension RebalanceHandler {
    /// Starts each partition where the group committed.
    public func assigned(_ partitions: [TopicPartition], by consumer: Consumer) throws -> [TopicPartition: Int64] {
        [:]
    }

    /// Does nothing.
    public func revoked(_ partitions: [TopicPartition], by consumer: Consumer) throws {}

    /// Does nothing.
    public func lost(_ partitions: [TopicPartition], by consumer: Consumer) throws {}
}
