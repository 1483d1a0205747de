/// What a replay may ask of a warehouse: what raw holds, and how far it was read. Reads only. Blocking: called from a
/// thread of its own.
package protocol ReplaySource: Sendable {
    /// Every partition of every log that was read, in the order of (log, partition).
    func partitions() throws -> [WarehousePartition]

    /// What raw holds of a range of offsets.
    func content(log: Int64, partition: Int32, offsets: Range<Int64>) throws -> RawContent

    /// The first offset whose record has at least that Kafka timestamp; nil when no record has.
    func firstOffset(log: Int64, partition: Int32, atMilliseconds time: Int64) throws -> Int64?

    /// The newest log of a topic and the cluster that it is on; nil when the topic was never read.
    func newestLog(ofTopic topic: String) throws -> (log: Int64, cluster: String)?
}

/// One partition of a log as the warehouse holds it.
package struct WarehousePartition: Sendable, Hashable {
    package let log: Int64
    package let topic: String
    package let partition: Int32
    /// The offset of the first record in raw; nil when raw holds none.
    package let firstRecord: Int64?
    /// How far it was read.
    package let stored: StoredPosition

    package init(log: Int64, topic: String, partition: Int32, firstRecord: Int64?, stored: StoredPosition) {
        self.log = log
        self.topic = topic
        self.partition = partition
        self.firstRecord = firstRecord
        self.stored = stored
    }
}

/// Records of raw, counted.
package struct RawContent: Sendable, Hashable {
    package var records: Int64
    /// Distinct sale ids among them, as far as the records are JSON.
    package var sales: Int64

    package init(records: Int64 = 0, sales: Int64 = 0) {
        self.records = records
        self.sales = sales
    }
}
