package import Retail
package import Telemetry
package import Warehouse

/// Reads records from raw again, through the same code as those from Kafka, into ods. Needs no broker and appends
/// nothing to raw.
///
/// The records were read before, so the guard against floods of rejects has nothing to say and is not asked. What it
/// knows of is left as it is. Killed at any moment it is simply run again: it changes nothing the second time.
package final class RawReplay {
    private let writer: any SalesWriter
    private let timeZone: RetailTimeZone
    private let batchRecords: Int
    private let logger: Logger
    private let stop: StopSignal
    private let onBatch: @Sendable (BatchReport) -> Void
    private var report = IngestReport()
    private var inFlight: (write: Pending<OdsCounts>, records: Int, bytes: Int)?

    /// - Parameters:
    ///   - writer: held for as long as this runs, so that nobody ingests meanwhile.
    ///   - onBatch: told of each batch that was written.
    package init(
        writer: any SalesWriter, timeZone: RetailTimeZone, batchRecords: Int, logger: Logger, stop: StopSignal,
        onBatch: @escaping @Sendable (BatchReport) -> Void = { _ in }
    ) {
        self.writer = writer
        self.timeZone = timeZone
        self.batchRecords = batchRecords
        self.logger = logger
        self.stop = stop
        self.onBatch = onBatch
    }

    /// Reads it all, or until it is told to stop. While one batch is being written the next is read and parsed.
    /// Blocking.
    ///
    /// - Throws: `WarehouseError`.
    package func run(_ plan: RawReplayPlan) throws -> IngestReport {
        do {
            for step in plan.steps {
                try run(step)
                if stop.isStopped { break }
            }
            try finishInFlight()
            try restore()
            report.reachedEnd = !stop.isStopped
        } catch {
            // What is being written must end before the memory of its records goes.
            _ = try? inFlight?.write.wait()
            throw error
        }
        return report
    }

    private func run(_ step: RawReplayPlan.Step) throws {
        let assembler = BatchAssembler(timeZone: timeZone, log: step.log, topic: step.topic)
        var rest = step.offsets
        while !stop.isStopped {
            let chunk = try writer.rawRecords(
                log: step.log, partition: step.partition, offsets: rest, recordsMax: batchRecords)
            let next = chunk.records.last.map { $0.offset + 1 } ?? rest.upperBound
            // Behind the last record, the end: also markers of transactions that follow it were read.
            try write(
                assembler.assemble(
                    chunk.records, owner: chunk.owner, nextOffsets: step.advances ? [step.partition: next] : [:]))
            guard !chunk.records.isEmpty else { break }
            rest = next..<rest.upperBound
        }
        logger.debug(
            "read again from raw",
            [
                ("log", LogValue(step.log)), ("partition", LogValue(step.partition)),
                ("start", LogValue(step.offsets.lowerBound)), ("end", LogValue(rest.lowerBound)),
            ])
    }

    private func write(_ batch: IngestBatch) throws {
        try finishInFlight()
        guard !batch.records.isEmpty || !batch.nextOffsets.isEmpty else { return }
        inFlight = (
            writer.writeOds(batch), batch.records.count, batch.records.reduce(0) { $0 + ($1.payload?.count ?? 0) }
        )
    }

    /// Older content of sales whose newest the present code refuses, as at the end of a reading from Kafka.
    private func restore() throws {
        guard !stop.isStopped, var restoration = try SaleRestoration(writer, timeZone: timeZone) else { return }
        while !stop.isStopped, let counts = try restoration.step() { report.counts += counts }
    }

    private func finishInFlight() throws {
        guard let batch = inFlight else { return }
        let counts = WriteCounts(ods: try batch.write.wait())
        inFlight = nil
        guard batch.records > 0 else { return }
        report.records += batch.records
        report.batches += 1
        report.counts += counts
        onBatch(BatchReport(records: batch.records, bytes: batch.bytes, counts: counts))
    }
}
