package import Retail
package import Warehouse

/// Judges the records of rejects again, by the present code: read from raw, parsed and written as ingestion does it.
///
/// What is valid now becomes a sale, and its reject goes, in one transaction; what is refused again is counted as tried
/// and left. Offsets are not touched and the breaker is not asked: nothing of this is new. Killed in the middle it is
/// begun again from the start: what has moved is no reject any more.
package struct RejectRetry {
    private let store: any RejectStore
    private let timeZone: RetailTimeZone
    private let recordsMax: Int

    /// - Parameter recordsMax: how many records are written in one transaction.
    package init(_ store: any RejectStore, timeZone: RetailTimeZone, recordsMax: Int = 5_000) {
        self.store = store
        self.timeZone = timeZone
        self.recordsMax = recordsMax
    }

    /// Goes once through all rejects, whatever their state. Blocking.
    ///
    /// - Parameters:
    ///   - writer: takes the records; nil: it is only looked what would become of them.
    ///   - now: microseconds of UTC, noted as the time of the try.
    /// - Throws: `WarehouseError`; `CancellationError` when it was told to stop, between two transactions.
    package func run(
        into writer: (any SalesWriter)?, now: Int64, stop: StopSignal = StopSignal()
    ) throws -> RejectRetryReport {
        var report = RejectRetryReport()
        var place: RejectPlace?
        while true {
            if stop.isStopped { throw CancellationError() }
            let found = try store.records(after: place, recordsMax: recordsMax)
            for part in found.parts {
                var batch = BatchAssembler(timeZone: timeZone, log: part.log, topic: part.topic)
                    .assemble(part.raw.records, owner: part.raw.owner, nextOffsets: [:])
                batch.retriedAt = now
                report.take(batch, of: part)
                if let writer { report.counts += try writer.write(batch).wait() }
            }
            for place in found.gone { report.take(gone: place) }
            guard let last = found.last else {
                report.close(behind: .max)
                return report
            }
            report.close(behind: last.reject)
            place = last
        }
    }
}
