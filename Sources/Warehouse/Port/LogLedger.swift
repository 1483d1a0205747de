/// What ingestion may ask about incarnations of topics. Blocking: called from a thread of its own.
package protocol LogLedger: Sendable {
    /// The number of the log to read: the newest one of the topic, or a new one where there is none yet.
    ///
    /// - Parameters:
    ///   - cluster: Kafka's cluster id.
    ///   - startNew: another log begins here, whatever was read before.
    /// - Throws: `WarehouseError.otherLog` when the newest log of the topic belongs to another cluster.
    func log(ofTopic topic: String, cluster: String, startNew: Bool) throws -> Int64

    /// Notes a range of offsets that Kafka has lost and the operator gives up: `first..<end`.
    func acceptLoss(log: Int64, partition: Int32, offsets: Range<Int64>) throws
}
