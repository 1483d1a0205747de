internal import SQLite
internal import Synchronization

/// The writer of a SQLite warehouse: raw and ods on a thread and a connection each.
package final class SQLiteSalesWriter: SalesWriter {
    /// How long a call that reads waits for the write before it.
    private static let answerMilliseconds = 15_000

    private let directory: String
    private let raw: SerialWorker<SQLiteLayer<RawSalesWriter>>
    private let ods: SerialWorker<SQLiteLayer<OdsSalesWriter>>
    private let rawInterrupter = Interrupter()
    private let odsInterrupter = Interrupter()
    private let numbers = WriteNumbers()
    // Held as long as the writer lives: a second process is told so instead of fighting for the files' locks.
    private let lock: Mutex<ProcessLock>

    /// Opens both files for writing.
    ///
    /// - Parameter codeVersion: noted with each reject, to tell which program refused it.
    /// - Throws: `WarehouseError.busy` when another process ingests into this warehouse.
    package init(_ warehouse: SQLiteWarehouse, codeVersion: String) throws {
        directory = warehouse.directory
        lock = Mutex(try SQLiteSalesWriter.lock(of: warehouse.directory))
        let (rawInterrupter, odsInterrupter) = (rawInterrupter, odsInterrupter)
        (raw, ods) = try translating(warehouse.directory) {
            (
                SerialWorker(
                    label: "retailflow.raw",
                    state: try SQLiteLayer { try RawSalesWriter(warehouse, interrupter: rawInterrupter) }),
                SerialWorker(
                    label: "retailflow.ods",
                    state: try SQLiteLayer {
                        try OdsSalesWriter(warehouse, codeVersion: codeVersion, interrupter: odsInterrupter)
                    })
            )
        }
    }

    private static func lock(of directory: String) throws -> ProcessLock {
        try ProcessLock(path: "\(directory)/ingest.lock", purpose: "ingests into this warehouse")
    }

    package func write(_ batch: IngestBatch) -> BatchWrite {
        let number = numbers.begin()
        return BatchWrite(
            raw: submit(raw, rawInterrupter, write: number) { try $0.write(batch) },
            ods: submit(ods, odsInterrupter, write: number) { try $0.write(batch) })
    }

    package func interrupt() { numbers.interrupt(rawInterrupter, odsInterrupter) }

    package func reopen() throws {
        let directory = directory
        // Asked first: the place where a disk was mounted must not get a lock file, let alone a warehouse.
        for schema in ["raw", "ods"] { _ = try OpenedFile("\(directory)/\(schema).db") }
        try lock.withLock { lock in
            if !lock.isInPlace { lock = try SQLiteSalesWriter.lock(of: directory) }
        }
        let raw = raw.submit { raw in try translating(directory) { try raw.reopen() } }
        let ods = ods.submit { ods in try translating(directory) { try ods.reopen() } }
        try answer(raw)
        try answer(ods)
    }

    package func storedPositions(log: Int64) throws -> [Int32: StoredPosition] {
        let raw = submit(raw, rawInterrupter) { try $0.positions(log: log) }
        let ods = submit(ods, odsInterrupter) { try $0.positions(log: log) }
        var positions = try answer(raw)
        for (partition, offset) in try answer(ods) { positions[partition, default: StoredPosition()].ods = offset }
        return positions
    }

    package func writeOds(_ batch: IngestBatch) -> Pending<OdsCounts> {
        submit(ods, odsInterrupter, write: numbers.begin()) { try $0.write(batch) }
    }

    package func unknownRefusals(contentHashes: [Int64]) throws -> Int {
        try answer(submit(ods, odsInterrupter) { try $0.unknownRefusals(contentHashes) })
    }

    package func breakerState() throws -> String? {
        try answer(submit(ods, odsInterrupter) { try $0.breakerState() })
    }

    package func rawRecords(
        log: Int64, partition: Int32, offsets: Range<Int64>, recordsMax: Int
    ) throws -> RawRecords {
        try answer(
            submit(raw, rawInterrupter) {
                try $0.records(log: log, partition: partition, offsets: offsets, recordsMax: recordsMax)
            })
    }

    package func rawExtents() throws -> [RawExtent] {
        try answer(submit(raw, rawInterrupter) { try $0.extents() })
    }

    package func withdrawnSales() throws -> [Int64] {
        try answer(submit(ods, odsInterrupter) { try $0.withdrawnSales() })
    }

    package func noteSearched(_ sales: [Int64]) throws {
        try answer(submit(ods, odsInterrupter) { try $0.noteSearched(sales) })
    }

    package func highestSale(log: Int64, partition: Int32) throws -> (id: Int64, datetime: String)? {
        try answer(submit(ods, odsInterrupter) { try $0.highestSale(log: log, partition: partition) })
    }

    /// Queues a job of one layer.
    ///
    /// - Parameter number: of a write, which an interrupt that came meanwhile has ended before it begins.
    private func submit<Writer, Answer: Sendable>(
        _ worker: SerialWorker<SQLiteLayer<Writer>>, _ interrupter: Interrupter, write number: Int? = nil,
        _ job: @escaping @Sendable (Writer) throws -> Answer
    ) -> Pending<Answer> {
        let (directory, numbers) = (directory, numbers)
        return worker.submit { layer in
            try translating(directory) {
                do {
                    try numbers.admit(number, interrupter)
                    return try job(layer.writer())
                } catch let error as SQLiteError {
                    // A wait for a lock that was ended calls itself busy.
                    try interrupter.check()
                    throw error
                }
            }
        }
    }

    /// A disk that does not answer must not keep the caller for ever.
    private func answer<Answer>(_ pending: Pending<Answer>) throws -> Answer {
        if let answer = pending.wait(milliseconds: SQLiteSalesWriter.answerMilliseconds) { return try answer.get() }
        throw WarehouseError(
            code: .busy, what: "the warehouse has not answered for \(SQLiteSalesWriter.answerMilliseconds / 1_000) s",
            place: "warehouse \(directory)", remedy: "look after its disk")
    }
}
