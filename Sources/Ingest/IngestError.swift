/// Why ingestion or a replay stopped, beside what Kafka or the warehouse refused.
package struct IngestError: Error, Sendable, Hashable, CustomStringConvertible {
    package struct Code: RawRepresentable, Sendable, Hashable {
        package let rawValue: String
        package init(rawValue: String) { self.rawValue = rawValue }

        /// Kafka no longer has records that the warehouse has not read.
        package static let lostRange = Code(rawValue: "lost_range")
        /// The topic is not the one that was read before.
        package static let otherLog = Code(rawValue: "other_log")
        /// The warehouse that came back after an outage is not the one that went.
        package static let otherWarehouse = Code(rawValue: "other_warehouse")
        /// The topic that is being read does not exist any more.
        package static let topicGone = Code(rawValue: "topic_gone")
        /// Too many records are refused: something upstream has changed.
        package static let tooManyRejects = Code(rawValue: "too_many_rejects")
        /// Somebody reads in the group whose offsets shall be set.
        package static let groupIsLive = Code(rawValue: "group_is_live")
        /// An offset is asked for that there is not.
        package static let offsetOutOfRange = Code(rawValue: "offset_out_of_range")
        /// A partition is asked for that there is not.
        package static let noSuchPartition = Code(rawValue: "no_such_partition")
    }

    package let code: Code
    package let reason: String
    package let place: String
    package let remedy: String

    package var description: String { "\(reason); \(place); \(remedy)" }
}
