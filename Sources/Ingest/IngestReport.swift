package import Warehouse

/// What an ingestion did.
package struct IngestReport: Sendable, Hashable {
    package var records = 0
    package var batches = 0
    package var counts = WriteCounts()

    package init() {}
}

/// One batch that was written and committed.
package struct BatchReport: Sendable, Hashable {
    package let records: Int
    /// The bytes of the records' values.
    package let bytes: Int
    package let counts: WriteCounts
}
