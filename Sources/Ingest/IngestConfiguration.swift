/// What ingestion reads, how it cuts batches, and what it may pass over.
package struct IngestConfiguration: Sendable {
    /// When ingestion ends by itself.
    package enum Mode: Sendable {
        /// At the end of each partition as it was when the partition was assigned.
        case untilEnd
        /// Never.
        case follow
    }

    package var topic: String
    package var mode: Mode
    /// A batch closes at so many records,
    package var batchRecords = 5_000
    /// so long after its first record,
    package var batchMilliseconds = 500
    /// or when nothing more came for so long.
    package var idleMilliseconds = 20
    /// What is out of order is tried again after so long at first,
    package var retryMilliseconds = 1_000
    /// and after so long at most.
    package var retryMillisecondsMax = 300_000
    /// How many partitions the topic has; nil: a run to the end ends with those that the group gives it.
    package var partitions: Int?
    /// Kafka's cluster id, or a name made up for one life of the embedded broker.
    package var cluster: String
    /// Go on with another log where the topic was made anew.
    package var acceptsNewLog = false
    /// Go on where records are lost.
    package var acceptsLoss = false
    /// Go on however many records are refused.
    package var acceptsRejects = false
    /// The share of new rejects over the last 10,000 records, in percent, beyond which ingestion stops.
    package var rejectPercentMax = 5.0
    /// How many new rejects in a row stop ingestion.
    package var consecutiveRejectsMax = 1_000

    package init(topic: String, mode: Mode, cluster: String) {
        self.topic = topic
        self.mode = mode
        self.cluster = cluster
    }
}
