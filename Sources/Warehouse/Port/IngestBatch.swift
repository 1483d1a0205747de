package import Retail

/// One record of the sales topic, its bytes borrowed from the batch that it came in.
package struct IncomingRecord {
    package let partition: Int32
    package let offset: Int64
    /// Orders records of one sale: the `version` header, or what stands for it in records of other producers.
    package let version: Int64
    /// Kafka's record timestamp.
    package let timestampMilliseconds: Int64
    /// nil: a record without a value.
    package let payload: UnsafeRawBufferPointer?
    /// The page file that the record came in; nil in records of other producers.
    package let fileName: UnsafeRawBufferPointer?

    package init(
        partition: Int32, offset: Int64, version: Int64, timestampMilliseconds: Int64,
        payload: UnsafeRawBufferPointer?, fileName: UnsafeRawBufferPointer?
    ) {
        self.partition = partition
        self.offset = offset
        self.version = version
        self.timestampMilliseconds = timestampMilliseconds
        self.payload = payload
        self.fileName = fileName
    }

    /// Whether the payload is this one. None equals none only; an empty value is not none.
    package func hasPayload(_ bytes: UnsafeRawBufferPointer?) -> Bool {
        switch (payload, bytes) {
        case (nil, nil): true
        case (let payload?, let bytes?): payload.elementsEqual(bytes)
        default: false
        }
    }
}

/// A micro-batch ready to be written: the records, what they say, and where reading goes on after them.
// Right: the pointers in `records` lead into memory that `owner` keeps alive and that nobody writes to any more, which is
// why threads may share them.
package struct IngestBatch: @unchecked Sendable {
    package let records: [IncomingRecord]
    private let owner: any Sendable
    package let log: Int64
    package let topic: String
    /// The records parsed: `record` in its rows and refusals is an index of `records`.
    package let sales: SaleBatch
    /// The offset of the next record to read, for each partition that moved on.
    package let nextOffsets: [Int32: Int64]
    /// What ingestion wants to find again after a restart, stored in the transaction of the ods offsets.
    package var breakerState: String?
    /// When the retry began that judges these records again, in microseconds of UTC: what it refuses is counted as tried
    /// once more. nil: the records come to be ingested.
    package var retriedAt: Int64?

    /// - Parameter owner: whatever keeps the memory behind the records' pointers alive and unchanged.
    package init(
        records: [IncomingRecord], owner: any Sendable, log: Int64, topic: String, sales: SaleBatch,
        nextOffsets: [Int32: Int64]
    ) {
        self.records = records
        self.owner = owner
        self.log = log
        self.topic = topic
        self.sales = sales
        self.nextOffsets = nextOffsets
    }
}
