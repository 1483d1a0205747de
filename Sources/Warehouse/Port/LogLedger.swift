/// What ingestion may ask about incarnations of topics. Blocking: called from a thread of its own.
package protocol LogLedger: Sendable {
    /// The number of the log to read: the newest one of the topic, or a new one where there is none yet.
    ///
    /// - Parameters:
    ///   - cluster: Kafka's cluster id.
    ///   - startNew: another log begins here, whatever was read before: each such call begins one.
    /// - Throws: `WarehouseError.otherLog` when the newest log of the topic belongs to another cluster.
    func log(ofTopic topic: String, cluster: String, startNew: Bool) throws -> Int64

    /// Notes a range of offsets that the operator gives up, lost by Kafka or passed over: `first..<end`. A range that
    /// begins where another one does makes that one longer.
    func acceptLoss(log: Int64, partition: Int32, offsets: Range<Int64>) throws

    /// The ranges of offsets that the operator gave up, of each partition.
    func acceptedLosses(log: Int64) throws -> [Int32: [Range<Int64>]]
}
