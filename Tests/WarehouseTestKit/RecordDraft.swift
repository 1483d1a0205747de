package import Retail
package import Warehouse

/// One record of the sales topic as a test thinks of it.
package struct RecordDraft: Sendable, Hashable {
    /// The partition.
    package var partition: Int32
    /// The offset within it.
    package var offset: Int64
    /// The `version` header.
    package var version: Int64
    /// The value; nil for a record without one.
    package var payload: [UInt8]?
    /// The page file; nil for a record of another producer.
    package var fileName: String?

    /// A record with these bytes.
    package init(
        bytes: [UInt8]?, version: Int64, partition: Int32 = 0, offset: Int64, fileName: String? = "sales_1.json"
    ) {
        self.partition = partition
        self.offset = offset
        self.version = version
        self.payload = bytes
        self.fileName = fileName
    }

    /// A record with this JSON text.
    package init(_ text: String, version: Int64, partition: Int32 = 0, offset: Int64) {
        self.init(bytes: Array(text.utf8), version: version, partition: partition, offset: offset)
    }

    /// A record of a valid sale.
    package init(_ sale: SaleDraft, version: Int64, partition: Int32 = 0, offset: Int64) {
        self.init(sale.text, version: version, partition: partition, offset: offset)
    }

    /// The record's place among all records of its sale.
    package func place(log: Int64) -> RecordPlace {
        RecordPlace(version: version, log: log, partition: partition, offset: offset)
    }
}

extension IngestBatch {
    /// The topic of all batches that tests make.
    package static let testTopic = "retail.sales.v1"

    /// A batch of these records, judged by the real parser.
    ///
    /// - Parameter nextOffsets: where reading goes on; by default behind the last record of each partition.
    package static func of(
        _ drafts: [RecordDraft], log: Int64 = 1, topic: String = testTopic, timeZone: RetailTimeZone = .utc,
        nextOffsets: [Int32: Int64]? = nil, breakerState: String? = nil
    ) -> IngestBatch {
        let memory = RecordMemory(drafts)
        let parser = SaleParser(timeZone: timeZone)
        var sales = SaleBatch()
        var next: [Int32: Int64] = [:]
        for (index, record) in memory.records.enumerated() {
            parser.parse(record.payload, record: Int32(index), into: &sales)
            next[record.partition] = max(next[record.partition] ?? 0, record.offset + 1)
        }
        var batch = IngestBatch(
            records: memory.records, owner: memory, log: log, topic: topic, sales: sales,
            nextOffsets: nextOffsets ?? next)
        batch.breakerState = breakerState
        return batch
    }
}

extension SalesWriter {
    /// Writes a batch of these records and waits for both layers.
    @discardableResult
    package func ingest(
        _ drafts: [RecordDraft], log: Int64 = 1, timeZone: RetailTimeZone = .utc, nextOffsets: [Int32: Int64]? = nil,
        breakerState: String? = nil
    ) throws -> WriteCounts {
        let batch = IngestBatch.of(
            drafts, log: log, timeZone: timeZone, nextOffsets: nextOffsets, breakerState: breakerState)
        return try write(batch).wait()
    }

    /// Writes these sales, one record each at the given offsets on, and waits for both layers.
    @discardableResult
    package func ingest(_ sales: [SaleDraft], version: Int64 = 1, firstOffset: Int64 = 0) throws -> WriteCounts {
        try ingest(
            sales.enumerated().map { RecordDraft($1, version: version, offset: firstOffset + Int64($0)) })
    }
}
