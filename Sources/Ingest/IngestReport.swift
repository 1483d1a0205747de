package import Retail
package import Warehouse

/// What an ingestion did.
package struct IngestReport: Sendable, Hashable {
    package var records = 0
    package var batches = 0
    package var counts = WriteCounts()
    /// Whether it ended because all that there was at the start has been read, and not because it was told to stop.
    package var reachedEnd = false

    package init() {}
}

/// One batch that was written and committed.
package struct BatchReport: Sendable, Hashable {
    package let records: Int
    /// The bytes of the records' values.
    package let bytes: Int
    package let counts: WriteCounts
    /// How many records came from each partition.
    package var partitions: [Int32: Int] = [:]
    /// How many records were refused, each counted under the first of its reasons, also those that were refused before.
    package var refusals: [ValidationReason.Code: Int] = [:]
}
