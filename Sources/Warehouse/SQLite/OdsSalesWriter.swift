internal import FaultPoints
internal import Retail
internal import SQLite

/// Writes parsed sales into `ods.sales` and `ods.sales_items`, and refusals into the rejects, with the offsets of the
/// same transaction.
///
/// A row is replaced only by a record that does not come before the one that decided it, in the order (version, log,
/// partition, offset): so redelivery, replay and a page from yesterday all end in the same rows, and only a real
/// change of content raises a sale's revision.
final class OdsSalesWriter {
    private let database: Database
    private let clock: WallClock
    private let interrupter: Interrupter
    private let file: OpenedFile
    private let rejects: RejectLedger
    private let insertSale: Statement
    private let presentSale: Statement
    private let updateSale: Statement
    private let updatePlace: Statement
    private let insertLine: Statement
    private let deleteLines: Statement
    private let advance: Statement
    private let saveBreaker: Statement

    /// - Parameter interrupter: ends a write from another thread.
    init(_ warehouse: SQLiteWarehouse, codeVersion: String, interrupter: Interrupter = Interrupter()) throws {
        file = try OpenedFile("\(warehouse.directory)/ods.db")
        database = try warehouse.connect(writing: ["ods"], interrupter: interrupter)
        try warehouse.requireSchema("ods", on: database)
        try file.check()
        clock = warehouse.clock
        self.interrupter = interrupter
        rejects = try RejectLedger(database, codeVersion: codeVersion)
        insertSale = try database.prepare(
            """
            INSERT INTO ods.sales (id, datetime, instant, total_amount, customer_id, version, revision, content_hash,
                                   log, partition, offset, SYS_FILE_NAME, SYS_DATE_CREATE, SYS_DATE_UPDATE)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, ?7, ?8, ?9, ?10, ?11, ?12, ?12) ON CONFLICT DO NOTHING
            """)
        presentSale = try database.prepare(
            "SELECT version, log, partition, offset, content_hash, instant FROM ods.sales WHERE id = ?1")
        updateSale = try database.prepare(
            """
            UPDATE ods.sales SET datetime = ?2, instant = ?3, total_amount = ?4, customer_id = ?5, version = ?6,
                   revision = revision + 1, content_hash = ?7, log = ?8, partition = ?9, offset = ?10,
                   SYS_FILE_NAME = ?11, SYS_DATE_UPDATE = ?12
            WHERE id = ?1
            """)
        updatePlace = try database.prepare(
            "UPDATE ods.sales SET version = ?2, log = ?3, partition = ?4, offset = ?5 WHERE id = ?1")
        insertLine = try database.prepare(
            "INSERT INTO ods.sales_items (sale_id, product_sku, line, quantity, amount) VALUES (?1, ?2, ?3, ?4, ?5)")
        deleteLines = try database.prepare("DELETE FROM ods.sales_items WHERE sale_id = ?1")
        advance = try database.prepare(
            """
            INSERT INTO ods.offsets (log, topic, partition, next_offset, highest_sale_id) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (log, partition) DO UPDATE SET
                next_offset = max(next_offset, excluded.next_offset),
                highest_sale_id = CASE WHEN highest_sale_id IS NULL OR excluded.highest_sale_id > highest_sale_id
                                       THEN excluded.highest_sale_id ELSE highest_sale_id END
            WHERE excluded.next_offset > next_offset OR excluded.highest_sale_id > ifnull(highest_sale_id, 0)
            """)
        saveBreaker = try database.prepare(
            """
            INSERT INTO ods.ingest_state (only, breaker) VALUES (1, ?1)
            ON CONFLICT (only) DO UPDATE SET breaker = excluded.breaker WHERE breaker <> excluded.breaker
            """)
    }

    /// The state that the last batch left.
    func breakerState() throws -> String? { try database.text("SELECT breaker FROM ods.ingest_state") }

    /// The sale with the highest id that came from a partition, as far as it is still there.
    func highestSale(log: Int64, partition: Int32) throws -> (id: Int64, datetime: String)? {
        let statement = try database.prepare(
            """
            SELECT sale.id, sale.datetime FROM ods.offsets AS place
            JOIN ods.sales AS sale ON sale.id = place.highest_sale_id WHERE place.log = ?1 AND place.partition = ?2
            """)
        statement.bind(log, at: 1)
        statement.bind(Int64(partition), at: 2)
        return try statement.step() ? (statement.integer(at: 0), statement.text(at: 1)) : nil
    }

    /// Writes a batch in one transaction.
    func write(_ batch: IngestBatch) throws -> OdsCounts {
        var counts = OdsCounts()
        let now = Timestamp.text(ofMicroseconds: clock())
        let (written, committed): (FaultPoint, FaultPoint) =
            batch.retriedAt == nil ? (.odsWrite, .odsCommit) : (.rejectsWrite, .rejectsCommit)
        try file.check()
        written.before()
        try database.transaction {
            try batch.sales.text.withUnsafeBytes { text in
                let rows = batch.sales.rows
                // In the order of their ids the rows land next to each other in the tree, whatever partition they
                // came from; records of one sale keep the order they came in.
                let order = rows.indices.sorted { (rows[$0].id, rows[$0].record) < (rows[$1].id, rows[$1].record) }
                try insertSale.bind(now, at: 12)
                try updateSale.bind(now, at: 12)
                for (number, index) in order.enumerated() {
                    if number % 256 == 0 { try interrupter.check() }
                    try write(rows[index], of: batch, text: text, counts: &counts)
                }
            }
            try rejects.add(batch, now: now, counts: &counts)
            try advanceOffsets(batch)
            if let state = batch.breakerState {
                try saveBreaker.bind(state, at: 1)
                try saveBreaker.run()
            }
            try interrupter.check()
            written.after()
            committed.before()
        }
        committed.after()
        // What went into a file that nobody will find again does not count as written.
        try file.check()
        return counts
    }

    private func write(
        _ row: SaleBatch.Row, of batch: IngestBatch, text: UnsafeRawBufferPointer, counts: inout OdsCounts
    ) throws {
        let record = batch.records[Int(row.record)]
        if row.totalDiffers { counts.totalDiffers += 1 }
        try runSale(insertSale, row, record, log: batch.log, text: text)
        if database.changes == 1 {
            counts.inserted += 1
            try insertLines(of: row, batch.sales, text)
        } else {
            let place = RecordPlace(record, log: batch.log)
            let (stored, storedHash, storedInstant) = try presentState(of: row.id)
            if place < stored {
                counts.outdated += 1
            } else if storedHash == row.contentHash, storedInstant == row.instant {
                counts.unchanged += 1
                if stored < place { try raise(row.id, to: place) }
            } else {
                counts.changed += 1
                try runSale(updateSale, row, record, log: batch.log, text: text)
                deleteLines.bind(row.id, at: 1)
                try deleteLines.run()
                try insertLines(of: row, batch.sales, text)
            }
        }
        if try rejects.settle(validSale: row.id, record: record, log: batch.log) { counts.recovered += 1 }
    }

    private func runSale(
        _ statement: borrowing Statement, _ row: SaleBatch.Row, _ record: IncomingRecord, log: Int64,
        text: UnsafeRawBufferPointer
    ) throws {
        statement.bind(row.id, at: 1)
        statement.bind(row.instant, at: 3)
        statement.bind(row.totalAmount, at: 4)
        statement.bindBorrowed(text: row.customer.map { text[$0] }, at: 5)
        statement.bind(record.version, at: 6)
        statement.bind(row.contentHash, at: 7)
        statement.bind(log, at: 8)
        statement.bind(Int64(record.partition), at: 9)
        statement.bind(record.offset, at: 10)
        statement.bindBorrowed(text: record.fileName, at: 11)
        try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: CivilTime.textLength) { datetime in
            CivilTime.write(row.datetime, to: datetime)
            statement.bindBorrowed(text: UnsafeRawBufferPointer(datetime), at: 2)
            try statement.run()
        }
    }

    private func insertLines(of row: SaleBatch.Row, _ sales: SaleBatch, _ text: UnsafeRawBufferPointer) throws {
        insertLine.bind(row.id, at: 1)
        for (number, index) in row.lines.enumerated() {
            let line = sales.lines[Int(index)]
            insertLine.bindBorrowed(text: text[line.sku], at: 2)
            insertLine.bind(Int64(number), at: 3)
            insertLine.bind(line.quantity, at: 4)
            insertLine.bind(line.amount, at: 5)
            try insertLine.run()
        }
    }

    /// The hash tells what the record says; the instant also depends on the zone that local times are read in.
    private func presentState(of sale: Int64) throws -> (place: RecordPlace, contentHash: Int64, instant: Int64) {
        presentSale.bind(sale, at: 1)
        defer { presentSale.reset() }
        guard try presentSale.step() else {
            throw WarehouseError(
                code: .bug, what: "a sale that could not be inserted is not there", place: "ods.sales id \(sale)",
                remedy: "report this as a bug")
        }
        let place = RecordPlace(
            version: presentSale.integer(at: 0), log: presentSale.integer(at: 1),
            partition: Int32(presentSale.integer(at: 2)), offset: presentSale.integer(at: 3))
        return (place, presentSale.integer(at: 4), presentSale.integer(at: 5))
    }

    /// Equal content raises what is known of its source and nothing else.
    private func raise(_ sale: Int64, to place: RecordPlace) throws {
        updatePlace.bind(sale, at: 1)
        updatePlace.bind(place.version, at: 2)
        updatePlace.bind(place.log, at: 3)
        updatePlace.bind(Int64(place.partition), at: 4)
        updatePlace.bind(place.offset, at: 5)
        try updatePlace.run()
    }

    private func advanceOffsets(_ batch: IngestBatch) throws {
        var highest: [Int32: Int64] = [:]
        for row in batch.sales.rows {
            let partition = batch.records[Int(row.record)].partition
            highest[partition] = max(highest[partition] ?? row.id, row.id)
        }
        for (partition, offset) in batch.nextOffsets.sorted(by: { $0.key < $1.key }) {
            advance.bind(batch.log, at: 1)
            try advance.bind(batch.topic, at: 2)
            advance.bind(Int64(partition), at: 3)
            advance.bind(offset, at: 4)
            advance.bind(highest[partition], at: 5)
            try advance.run()
        }
    }

    /// How far each partition of a log was read.
    func positions(log: Int64) throws -> [Int32: Int64] {
        let statement = try database.prepare("SELECT partition, next_offset FROM ods.offsets WHERE log = ?1")
        statement.bind(log, at: 1)
        var positions: [Int32: Int64] = [:]
        while try statement.step() {
            positions[Int32(statement.integer(at: 0))] = statement.integer(at: 1)
        }
        return positions
    }

    /// Sales that were withdrawn and for which raw was not searched yet.
    func withdrawnSales() throws -> [Int64] { try rejects.withdrawal.unsearched() }

    /// Notes that raw was searched for these sales, in a transaction of its own.
    func noteSearched(_ sales: [Int64]) throws {
        try FaultPoint.restoreNote.around {
            () throws in try database.transaction { try rejects.withdrawal.noteSearched(sales) }
        }
    }

    /// How many of these contents were not refused before.
    func unknownRefusals(_ contentHashes: [Int64]) throws -> Int { try rejects.unknown(contentHashes) }
}
