internal import FaultPoints
internal import PostgreSQL

/// Writes batches, each in one transaction with its offsets: raw, then ods, then the rejects.
///
/// Rows that are new, nearly all, go straight into their tables by COPY. That they are new is looked up first, under the
/// locks of the rows that are there, taken in the order of their ids so that two writers can't wait for each other. A
/// writer that comes in between with the same row breaks the key. Then, as after a deadlock, the transaction is run again,
/// and alone: writers share a lock that it takes for itself.
final class PostgreSQLBatchWriter {
    /// How often a batch is tried that another writer crosses.
    private static let attemptsMax = 3

    private static let lock = Parameter.integer(0x5246_4C57_0003)
    private static let besideOthers = Statement("write.shared", "SELECT pg_advisory_xact_lock_shared($1)")
    private static let alone = Statement("write.exclusive", "SELECT pg_advisory_xact_lock($1)")

    let connection: Connection
    private let warehouse: PostgreSQLWarehouse
    private let codeVersion: String

    /// - Parameter interrupter: ends a write from another thread.
    init(_ warehouse: PostgreSQLWarehouse, codeVersion: String, interrupter: Interrupter) throws {
        self.warehouse = warehouse
        self.codeVersion = codeVersion
        connection = try warehouse.connect(interrupter: interrupter)
        try begin()
    }

    /// Connects anew.
    func reopen() throws {
        try connection.reconnect()
        try PostgreSQLWarehouse.prepare(connection)
        try begin()
    }

    /// Commits do not wait for the server's disk: what a crash of the server takes is read again from the log, as the
    /// positions say that it took with it (rule 3).
    private func begin() throws {
        try warehouse.requireSchema(connection)
        try connection.execute(
            "SET synchronous_commit = off;" + PostgreSQLRawLayer.staging + PostgreSQLOdsLayer.staging)
    }

    /// Writes a batch into both layers.
    ///
    /// - Throws: `WarehouseError.otherLog` when a place in raw holds other bytes than the record that came for it.
    func write(_ batch: IngestBatch) throws -> WriteCounts {
        var counts = WriteCounts()
        try crossing { isCrossed in
            FaultPoint.rawWrite.before()
            try writing(isAlone: isCrossed) {
                let now = warehouse.clock()
                counts.raw = try PostgreSQLRawLayer.write(
                    batch, now: now, mayBeKnown: isCrossed, connection)
                FaultPoint.rawWrite.after()
                FaultPoint.odsWrite.before()
                counts.ods = try PostgreSQLOdsLayer.write(
                    batch, now: now, codeVersion: codeVersion, connection)
                try PostgreSQLRawLayer.advance(batch, connection)
                FaultPoint.odsWrite.after()
                FaultPoint.rawCommit.before()
                FaultPoint.odsCommit.before()
            }
        }
        FaultPoint.rawCommit.after()
        FaultPoint.odsCommit.after()
        return counts
    }

    /// Writes a batch into ods alone.
    func writeOds(_ batch: IngestBatch) throws -> OdsCounts {
        let (written, committed): (FaultPoint, FaultPoint) =
            batch.retriedAt == nil ? (.odsWrite, .odsCommit) : (.rejectsWrite, .rejectsCommit)
        var counts = OdsCounts()
        try crossing { isCrossed in
            written.before()
            try writing(isAlone: isCrossed) {
                counts = try PostgreSQLOdsLayer.write(
                    batch, now: warehouse.clock(), codeVersion: codeVersion, connection)
                written.after()
                committed.before()
            }
        }
        committed.after()
        return counts
    }

    private func writing(isAlone: Bool, _ body: () throws -> Void) throws {
        try connection.transaction {
            let lock = isAlone ? PostgreSQLBatchWriter.alone : PostgreSQLBatchWriter.besideOthers
            try connection.run(lock, [PostgreSQLBatchWriter.lock])
            try body()
        }
    }

    /// Runs a transaction again that another writer crossed.
    private func crossing(_ transaction: (_ isCrossed: Bool) throws -> Void) throws {
        for attempt in 1...PostgreSQLBatchWriter.attemptsMax {
            do {
                return try transaction(attempt > 1)
            } catch let error as PostgreSQLError {
                let isCrossed = error.isRetriable || error.sqlState == "23505"
                guard isCrossed, attempt < PostgreSQLBatchWriter.attemptsMax else { throw error }
            }
        }
    }

    // MARK: Reading

    /// How far each layer has read each partition of a log, and the last record in raw.
    func positions(log: Int64) throws -> [Int32: StoredPosition] {
        var positions: [Int32: StoredPosition] = [:]
        let raw = try connection.query(
            """
            SELECT partition, next_offset,
                   (SELECT max("offset") FROM raw.sales AS sale
                    WHERE sale.log = read.log AND sale.partition = read.partition)
            FROM raw.offsets AS read WHERE log = $1
            """, [.integer(log)])
        for row in raw {
            positions[Int32(row.integer(at: 0))] = StoredPosition(
                raw: row.integer(at: 1), lastRawRecord: row.optionalInteger(at: 2))
        }
        for row in try connection.query(
            "SELECT partition, next_offset FROM ods.offsets WHERE log = $1", [.integer(log)])
        {
            positions[Int32(row.integer(at: 0)), default: StoredPosition()].ods = row.integer(at: 1)
        }
        return positions
    }

    /// The state that the last batch left.
    func breakerState() throws -> String? {
        try connection.query("SELECT breaker FROM ods.ingest_state").first?.text(at: 0)
    }

    /// How many of these contents were not refused before.
    func unknownRefusals(_ contentHashes: [Int64]) throws -> Int {
        let distinct = Set(contentHashes)
        let known = try connection.query(
            "SELECT count(*) FROM ods.sales_rejects WHERE content_hash = ANY($1)", [.integers(Array(distinct))])
        return distinct.count - Int(known[0].integer(at: 0))
    }

    /// Sales that were withdrawn and for which raw was not searched yet.
    func withdrawnSales() throws -> [Int64] {
        try connection.query("SELECT sale_id FROM ods.withdrawn_sales WHERE NOT is_searched ORDER BY sale_id")
            .map { $0.integer(at: 0) }
    }

    /// Notes that raw was searched for these sales.
    func noteSearched(_ sales: [Int64]) throws {
        try FaultPoint.restoreNote.around {
            try connection.transaction(attempts: PostgreSQLBatchWriter.attemptsMax) {
                try connection.query(
                    "UPDATE ods.withdrawn_sales SET is_searched = true WHERE sale_id = ANY($1)", [.integers(sales)])
                // Those that have returned meanwhile.
                try connection.query(
                    "DELETE FROM ods.withdrawn_sales WHERE sale_id = ANY($1) AND is_searched AND revision = 0",
                    [.integers(sales)])
            }
        }
    }

    /// The sale with the highest id that came from a partition, as far as it is still there.
    func highestSale(log: Int64, partition: Int32) throws -> (id: Int64, datetime: String)? {
        try connection.query(
            """
            SELECT sale.id, \(PostgreSQLText.local("sale.datetime")) FROM ods.offsets AS place
            JOIN ods.sales AS sale ON sale.id = place.highest_sale_id WHERE place.log = $1 AND place.partition = $2
            """, [.integer(log), .integer(Int64(partition))]
        ).first.map { ($0.integer(at: 0), $0.text(at: 1)) }
    }
}
