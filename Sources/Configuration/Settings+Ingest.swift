extension Settings {
    /// `ingest.*`: from Kafka to the warehouse.
    package struct Ingest: Hashable, Sendable {
        /// A micro-batch closes at so many records,
        package var batchRecords = 5_000
        /// after so long,
        package var batchMilliseconds = 500
        /// or when nothing more came for so long.
        package var idleMilliseconds = 20
        /// A name for this instance in the consumer group (static membership); nil for none.
        package var instanceID: String?
        /// The share of new rejects over the last 10,000 records, in percent, beyond which ingestion stops.
        package var rejectPercentMax = 5.0
        /// How many rejects in a row stop ingestion.
        package var consecutiveRejectsMax = 1_000

        /// The defaults.
        package init() {}
    }
}
