internal import Dispatch

/// What ingestion may ask of a warehouse: one writer a process, its calls safe from one owner thread.
package protocol SalesWriter: Sendable {
    /// Where each partition of a log was read to, by the raw and by the ods layer, each in its own transactions.
    func storedPositions(log: Int64) throws -> [Int32: StoredPosition]

    /// Begins to write a batch and returns at once. raw and ods are written side by side, each in one transaction of
    /// its own with its offsets; the batch is written when both have committed.
    func write(_ batch: IngestBatch) -> BatchWrite

    /// Begins to write into ods alone, in one transaction with its offsets, a batch of records that were read from raw.
    /// Returns at once.
    func writeOds(_ batch: IngestBatch) -> Pending<OdsCounts>
    /// Asks the writes that were begun and are not finished to end: as far as that can be they are rolled back, and
    /// waiting for them throws `WarehouseError.interrupted`. Returns at once; those that come later are not concerned.
    func interrupt()

    /// Gives its connections up and makes them anew, after an outage. What is there now may be an older state of the
    /// warehouse: positions have to be asked for again. Makes no warehouse where there is none.
    ///
    /// - Throws: `WarehouseError`, as every other call until it succeeds.
    func reopen() throws

    /// The refusals among these content hashes that the warehouse has not seen yet, counted.
    func unknownRefusals(contentHashes: [Int64]) throws -> Int

    /// What the last batch left as `IngestBatch.breakerState`.
    func breakerState() throws -> String?

    /// Records that raw holds: those of a partition within a range of offsets, in order, at most so many, and fewer
    /// when they are large. None means that there is none.
    func rawRecords(log: Int64, partition: Int32, offsets: Range<Int64>, recordsMax: Int) throws -> RawRecords

    /// The partitions that raw has read, of all logs.
    func rawExtents() throws -> [RawExtent]

    /// Sales whose row was withdrawn and has not returned, and for whose older content raw was not searched yet.
    func withdrawnSales() throws -> [Int64]

    /// Notes that raw was searched for these. One that is withdrawn once more is told once more.
    func noteSearched(_ sales: [Int64]) throws

    /// The sale with the highest id that came from a partition, as far as ods still has it.
    func highestSale(log: Int64, partition: Int32) throws -> (id: Int64, datetime: String)?
}

/// What raw has read of one partition of a log.
package struct RawExtent: Sendable, Hashable {
    package let log: Int64
    package let topic: String
    package let partition: Int32
    package var offsets: Range<Int64>
}

/// Where one partition of a log stands in the warehouse. Offsets are those of the next record to read.
package struct StoredPosition: Sendable, Hashable {
    /// nil: the raw layer never read this partition.
    package var raw: Int64?
    /// nil: the ods layer never read this partition.
    package var ods: Int64?
    /// The offset of the last record that the raw layer holds, below `raw` where transaction markers follow it.
    package var lastRawRecord: Int64?

    package init(raw: Int64? = nil, ods: Int64? = nil, lastRawRecord: Int64? = nil) {
        self.raw = raw
        self.ods = ods
        self.lastRawRecord = lastRawRecord
    }
}

/// A batch on its way into the raw and ods layers.
package struct BatchWrite: Sendable {
    let raw: Pending<RawCounts>
    let ods: Pending<OdsCounts>

    /// Blocks until both layers have committed; throws the first failure. A layer that did commit stays committed:
    /// reading the batch again is harmless.
    package func wait() throws -> WriteCounts {
        let rawResult = Result { try raw.wait() }
        let odsResult = Result { try ods.wait() }
        return WriteCounts(raw: try rawResult.get(), ods: try odsResult.get())
    }
}

extension BatchWrite {
    /// Blocks for so long at most; nil while a layer is still writing.
    package func wait(milliseconds: Int) -> Result<WriteCounts, any Error>? {
        let deadline = DispatchTime.now().uptimeNanoseconds + UInt64(max(0, milliseconds)) * 1_000_000
        guard raw.wait(untilNanoseconds: deadline) != nil, ods.wait(untilNanoseconds: deadline) != nil else {
            return nil
        }
        return Result { try wait() }
    }
}

/// What the raw layer did with a batch.
package struct RawCounts: Sendable, Hashable {
    package var inserted = 0
    /// Records that were there already, byte for byte.
    package var known = 0
}

/// What the ods layer did with a batch.
package struct OdsCounts: Sendable, Hashable {
    package var inserted = 0
    /// Sales whose content became another.
    package var changed = 0
    /// Sales that came again with the same content.
    package var unchanged = 0
    /// Records older than the row that is there.
    package var outdated = 0
    /// Refused contents not seen before, and refused again.
    package var newRejects = 0
    package var knownRejects = 0
    /// Records refused before that are valid now, and rows that are refused now: judged anew by other code.
    package var recovered = 0
    package var withdrawn = 0
    /// Valid sales whose total is not the sum of their lines.
    package var totalDiffers = 0
}

/// What became of a batch, or of many.
package struct WriteCounts: Sendable, Hashable {
    package var raw = RawCounts()
    package var ods = OdsCounts()

    package init(raw: RawCounts = RawCounts(), ods: OdsCounts = OdsCounts()) {
        self.raw = raw
        self.ods = ods
    }

    package static func += (sum: inout WriteCounts, more: WriteCounts) {
        sum.raw.inserted += more.raw.inserted
        sum.raw.known += more.raw.known
        sum.ods.inserted += more.ods.inserted
        sum.ods.changed += more.ods.changed
        sum.ods.unchanged += more.ods.unchanged
        sum.ods.outdated += more.ods.outdated
        sum.ods.newRejects += more.ods.newRejects
        sum.ods.knownRejects += more.ods.knownRejects
        sum.ods.recovered += more.ods.recovered
        sum.ods.withdrawn += more.ods.withdrawn
        sum.ods.totalDiffers += more.ods.totalDiffers
    }
}
