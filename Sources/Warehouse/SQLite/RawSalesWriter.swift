internal import FaultPoints
internal import Retail
internal import SQLite

/// Writes records into `raw.sales`, bytes unchanged, with the offsets of the same transaction.
final class RawSalesWriter {
    /// Reading a chunk ends behind the record that fills so much memory.
    private static let chunkBytesMax = 16 << 20

    private let database: Database
    private let clock: WallClock
    private let interrupter: Interrupter
    private let file: OpenedFile
    private let insert: Statement
    private let present: Statement
    private let advance: Statement
    private let noteHour: Statement

    /// - Parameter interrupter: ends a write from another thread.
    init(_ warehouse: SQLiteWarehouse, interrupter: Interrupter = Interrupter()) throws {
        file = try OpenedFile("\(warehouse.directory)/raw.db")
        // Rows are only appended, at one place a partition: a small part of the file is enough.
        database = try warehouse.connect(writing: ["raw"], cacheKiB: 4_096, interrupter: interrupter)
        try warehouse.requireSchema("raw", on: database)
        try file.check()
        clock = warehouse.clock
        self.interrupter = interrupter
        insert = try database.prepare(
            """
            INSERT INTO raw.sales (log, topic, partition, offset, version, timestamp, payload, is_json, SYS_FILE_NAME,
                                   SYS_DATE_CREATE)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO NOTHING
            """)
        present = try database.prepare(
            "SELECT payload, version FROM raw.sales WHERE log = ?1 AND partition = ?2 AND offset = ?3")
        advance = try database.prepare(
            """
            INSERT INTO raw.offsets (log, partition, next_offset) VALUES (?1, ?2, ?3)
            ON CONFLICT (log, partition) DO UPDATE SET next_offset = excluded.next_offset
            WHERE excluded.next_offset > next_offset
            """)
        noteHour = try database.prepare(
            """
            INSERT INTO raw.hours (log, partition, hour, first_offset, last_offset) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (hour, log, partition) DO UPDATE SET
                first_offset = min(first_offset, excluded.first_offset),
                last_offset = max(last_offset, excluded.last_offset)
            WHERE excluded.first_offset < first_offset OR excluded.last_offset > last_offset
            """)
    }

    /// Writes a batch in one transaction.
    ///
    /// - Throws: `WarehouseError.otherLog` when a place holds other bytes than the record that came for it.
    func write(_ batch: IngestBatch) throws -> RawCounts {
        var counts = RawCounts()
        try file.check()
        FaultPoint.rawWrite.before()
        try database.transaction {
            insert.bind(batch.log, at: 1)
            try insert.bind(batch.topic, at: 2)
            try insert.bind(Timestamp.text(ofMicroseconds: clock()), at: 10)
            for (index, record) in batch.records.enumerated() {
                if index % 256 == 0 { try interrupter.check() }
                insert.bind(Int64(record.partition), at: 3)
                insert.bind(record.offset, at: 4)
                insert.bind(record.version, at: 5)
                insert.bind(record.timestampMilliseconds, at: 6)
                insert.bindBorrowed(blob: record.payload, at: 7)
                insert.bind(batch.sales.jsonRecords[index] ? 1 : 0, at: 8)
                insert.bindBorrowed(text: record.fileName, at: 9)
                try insert.run()
                if database.changes == 1 {
                    counts.inserted += 1
                } else {
                    try compare(record, log: batch.log, topic: batch.topic)
                    counts.known += 1
                }
            }
            try noteHours(batch)
            for (partition, offset) in batch.nextOffsets.sorted(by: { $0.key < $1.key }) {
                advance.bind(batch.log, at: 1)
                advance.bind(Int64(partition), at: 2)
                advance.bind(offset, at: 3)
                try advance.run()
            }
            try interrupter.check()
            FaultPoint.rawWrite.after()
            FaultPoint.rawCommit.before()
        }
        FaultPoint.rawCommit.after()
        // What went into a file that nobody will find again does not count as written.
        try file.check()
        return counts
    }

    /// Notes between which offsets the records of an hour lie. Neighbours mostly share partition and hour, so that this
    /// is a comparison a record and a few statements a batch.
    private func noteHours(_ batch: IngestBatch) throws {
        var runs: [(partition: Int32, hour: RecordHour, offsets: ClosedRange<Int64>)] = []
        for record in batch.records {
            let hour = RecordHour(version: record.version)
            let (low, high) = runs.last.map { ($0.offsets.lowerBound, $0.offsets.upperBound) } ?? (.max, .min)
            if let run = runs.last, run.partition == record.partition, run.hour == hour {
                runs[runs.count - 1].offsets = min(low, record.offset)...max(high, record.offset)
            } else {
                runs.append((record.partition, hour, record.offset...record.offset))
            }
        }
        noteHour.bind(batch.log, at: 1)
        for run in runs {
            noteHour.bind(Int64(run.partition), at: 2)
            noteHour.bind(run.hour.number, at: 3)
            noteHour.bind(run.offsets.lowerBound, at: 4)
            noteHour.bind(run.offsets.upperBound, at: 5)
            try noteHour.run()
        }
    }

    /// A record that comes again must be the one that is there.
    private func compare(_ record: IncomingRecord, log: Int64, topic: String) throws {
        present.bind(log, at: 1)
        present.bind(Int64(record.partition), at: 2)
        present.bind(record.offset, at: 3)
        defer { present.reset() }
        let same =
            try present.step()
            && present.integer(at: 1) == record.version
            && present.withBytes(at: 0) { record.hasPayload($0) }
        if !same {
            throw WarehouseError(
                code: .otherLog,
                what: "the topic is another one than was read before: a record differs from the one kept for its place",
                place: "\(topic)[\(record.partition)]@\(record.offset), log \(log)",
                remedy: "if the topic was made anew on purpose, go on with: retailflow ingest --new-log")
        }
    }

    /// Records of a partition within a range of offsets, copied out of the file.
    func records(log: Int64, partition: Int32, offsets: Range<Int64>, recordsMax: Int) throws -> RawRecords {
        let statement = try database.prepare(
            """
            SELECT offset, version, timestamp, payload, SYS_FILE_NAME FROM raw.sales
            WHERE log = ?1 AND partition = ?2 AND offset >= ?3 AND offset < ?4 ORDER BY offset LIMIT ?5
            """)
        statement.bind(log, at: 1)
        statement.bind(Int64(partition), at: 2)
        statement.bind(offsets.lowerBound, at: 3)
        statement.bind(offsets.upperBound, at: 4)
        statement.bind(Int64(recordsMax), at: 5)
        let arena = RecordArena()
        var records: [IncomingRecord] = []
        while arena.bytes < RawSalesWriter.chunkBytesMax, try statement.step() {
            records.append(
                IncomingRecord(
                    partition: partition, offset: statement.integer(at: 0), version: statement.integer(at: 1),
                    timestampMilliseconds: statement.integer(at: 2),
                    payload: statement.withBytes(at: 3) { $0.map(arena.keep) },
                    fileName: statement.withBytes(at: 4) { $0.map(arena.keep) }))
        }
        return RawRecords(records: records, arena: arena)
    }

    /// What was read of each partition of each log. One of which no record is left is not told.
    func extents() throws -> [RawExtent] {
        let statement = try database.prepare(
            """
            SELECT log, partition, next_offset, (SELECT topic FROM raw.sales AS sale
                WHERE sale.log = offsets.log AND sale.partition = offsets.partition LIMIT 1) AS topic
            FROM raw.offsets AS offsets WHERE topic IS NOT NULL ORDER BY log, partition
            """)
        var extents: [RawExtent] = []
        while try statement.step() {
            extents.append(
                RawExtent(
                    log: statement.integer(at: 0), topic: statement.text(at: 3),
                    partition: Int32(statement.integer(at: 1)), offsets: 0..<statement.integer(at: 2)))
        }
        return extents
    }

    /// How far each partition of a log was read, and its last record.
    func positions(log: Int64) throws -> [Int32: StoredPosition] {
        let statement = try database.prepare(
            """
            SELECT partition, next_offset,
                   (SELECT max(offset) FROM raw.sales AS sale
                    WHERE sale.log = offsets.log AND sale.partition = offsets.partition)
            FROM raw.offsets AS offsets WHERE log = ?1
            """)
        statement.bind(log, at: 1)
        var positions: [Int32: StoredPosition] = [:]
        while try statement.step() {
            positions[Int32(statement.integer(at: 0))] = StoredPosition(
                raw: statement.integer(at: 1), lastRawRecord: statement.optionalInteger(at: 2))
        }
        return positions
    }
}
