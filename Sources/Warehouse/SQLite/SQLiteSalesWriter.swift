/// The writer of a SQLite warehouse: raw and ods on a thread and a connection each.
package struct SQLiteSalesWriter: SalesWriter {
    private let directory: String
    private let raw: SerialWorker<RawSalesWriter>
    private let ods: SerialWorker<OdsSalesWriter>
    // Held as long as the writer lives: a second process is told so instead of fighting for the files' locks.
    private let lock: ProcessLock

    /// Opens both files for writing.
    ///
    /// - Parameter codeVersion: noted with each reject, to tell which program refused it.
    /// - Throws: `WarehouseError.busy` when another process ingests into this warehouse.
    package init(_ warehouse: SQLiteWarehouse, codeVersion: String) throws {
        directory = warehouse.directory
        lock = try ProcessLock(path: "\(warehouse.directory)/ingest.lock", purpose: "ingests into this warehouse")
        (raw, ods) = try translating(warehouse.directory) {
            (
                SerialWorker(label: "retailflow.raw", state: try RawSalesWriter(warehouse)),
                SerialWorker(
                    label: "retailflow.ods", state: try OdsSalesWriter(warehouse, codeVersion: codeVersion))
            )
        }
    }

    package func storedPositions(log: Int64) throws -> [Int32: StoredPosition] {
        let directory = directory
        let ods = ods.submit { ods in try translating(directory) { try ods.positions(log: log) } }
        var positions = try raw.submit { raw in try translating(directory) { try raw.positions(log: log) } }.wait()
        for (partition, offset) in try ods.wait() { positions[partition, default: StoredPosition()].ods = offset }
        return positions
    }

    package func write(_ batch: IngestBatch) -> BatchWrite {
        let directory = directory
        return BatchWrite(
            raw: raw.submit { raw in try translating(directory) { try raw.write(batch) } },
            ods: ods.submit { ods in try translating(directory) { try ods.write(batch) } })
    }

    package func writeOds(_ batch: IngestBatch) -> Pending<OdsCounts> {
        let directory = directory
        return ods.submit { ods in try translating(directory) { try ods.write(batch) } }
    }

    package func unknownRefusals(contentHashes: [Int64]) throws -> Int {
        let directory = directory
        return try ods.submit { ods in try translating(directory) { try ods.unknownRefusals(contentHashes) } }.wait()
    }

    package func breakerState() throws -> String? {
        let directory = directory
        return try ods.submit { ods in try translating(directory) { try ods.breakerState() } }.wait()
    }

    package func rawRecords(
        log: Int64, partition: Int32, offsets: Range<Int64>, recordsMax: Int
    ) throws -> RawRecords {
        let directory = directory
        return try raw.submit { raw in
            try translating(directory) {
                try raw.records(log: log, partition: partition, offsets: offsets, recordsMax: recordsMax)
            }
        }.wait()
    }

    package func highestSale(log: Int64, partition: Int32) throws -> (id: Int64, datetime: String)? {
        let directory = directory
        return try ods.submit { ods in
            try translating(directory) { try ods.highestSale(log: log, partition: partition) }
        }.wait()
    }
}
