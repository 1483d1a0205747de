internal import PostgreSQL
internal import Retail

/// Writes records into `raw.sales`, bytes unchanged, and reads them back.
enum PostgreSQLRawLayer {
    /// Reading a chunk ends behind the record that fills so much memory.
    private static let chunkBytesMax: Int64 = 16 << 20

    /// Where records wait that may be there already.
    static let staging = """
        CREATE TEMPORARY TABLE IF NOT EXISTS incoming_records (
            LIKE raw.sales, number bigint NOT NULL
        ) ON COMMIT DELETE ROWS;
        """

    private static let columns =
        "log, topic, partition, \"offset\", version, timestamp, payload, is_json, SYS_FILE_NAME, SYS_DATE_CREATE"

    /// - Parameter mayBeKnown: another writer has just written some of it.
    /// - Throws: `WarehouseError.otherLog` when a place holds other bytes than the record that came for it.
    static func write(
        _ batch: IngestBatch, now: Int64, mayBeKnown: Bool, _ connection: Connection
    ) throws -> RawCounts {
        var counts = RawCounts()
        guard !batch.records.isEmpty else { return counts }
        if try !mayBeKnown && isNew(batch, connection) {
            counts.inserted = try connection.copy("COPY raw.sales (\(columns)) FROM STDIN (FORMAT binary)") { rows in
                for index in batch.records.indices { try append(index, of: batch, now: now, fields: 10, to: &rows) }
            }
            return counts
        }
        try connection.copy("COPY incoming_records (\(columns), number) FROM STDIN (FORMAT binary)") { rows in
            for index in batch.records.indices {
                try append(index, of: batch, now: now, fields: 11, to: &rows)
                rows.integer(Int64(index))
            }
        }
        counts.inserted = try connection.run(
            Statement(
                "raw.insert",
                """
                INSERT INTO raw.sales (\(columns))
                SELECT \(columns) FROM incoming_records ORDER BY log, partition, "offset" ON CONFLICT DO NOTHING
                """)
        ).affected
        counts.known = batch.records.count - counts.inserted
        if counts.known > 0 { try compare(batch, connection) }
        return counts
    }

    /// Whether nothing is there between the first and the last place of each partition.
    private static func isNew(_ batch: IngestBatch, _ connection: Connection) throws -> Bool {
        var ranges: [Int32: ClosedRange<Int64>] = [:]
        for record in batch.records {
            let range = ranges[record.partition] ?? record.offset...record.offset
            ranges[record.partition] = min(range.lowerBound, record.offset)...max(range.upperBound, record.offset)
        }
        let ordered = ranges.sorted { $0.key < $1.key }
        return try connection.run(
            Statement(
                "raw.present",
                """
                SELECT 1 FROM unnest($2::bigint[], $3::bigint[], $4::bigint[]) AS range(partition, first, last)
                WHERE EXISTS (SELECT 1 FROM raw.sales AS sale WHERE sale.log = $1 AND sale.partition = range.partition
                              AND sale."offset" BETWEEN range.first AND range.last)
                LIMIT 1
                """),
            [
                .integer(batch.log), .integers(ordered.map { Int64($0.key) }),
                .integers(ordered.map(\.value.lowerBound)), .integers(ordered.map(\.value.upperBound)),
            ]
        ).isEmpty
    }

    private static func append(
        _ index: Int, of batch: IngestBatch, now: Int64, fields: Int16, to rows: inout CopyWriter
    ) throws(PostgreSQLError) {
        let record = batch.records[index]
        try rows.begin(fields: fields)
        rows.integer(batch.log)
        rows.text(batch.topic)
        rows.integer(Int64(record.partition))
        rows.integer(record.offset)
        rows.integer(record.version)
        rows.integer(record.timestampMilliseconds)
        rows.bytes(record.payload)
        rows.boolean(batch.sales.jsonRecords[index])
        rows.foreignText(record.fileName)
        rows.time(microseconds: now)
    }

    /// A record that comes again must be the one that is there.
    private static func compare(_ batch: IngestBatch, _ connection: Connection) throws {
        let other = try connection.run(
            Statement(
                "raw.compare",
                """
                SELECT incoming.partition, incoming."offset" FROM incoming_records AS incoming
                LEFT JOIN raw.sales AS sale USING (log, partition, "offset")
                WHERE sale.version IS DISTINCT FROM incoming.version OR sale.payload IS DISTINCT FROM incoming.payload
                ORDER BY incoming.number LIMIT 1
                """)
        ).first
        if let other {
            throw WarehouseError(
                code: .otherLog,
                what: "the topic is another one than was read before: a record differs from the one kept for its place",
                place: "\(batch.topic)[\(other.integer(at: 0))]@\(other.integer(at: 1)), log \(batch.log)",
                remedy: "if the topic was made anew on purpose, go on with: retailflow ingest --new-log")
        }
    }

    /// Notes how far each partition was read, and between which offsets the records of an hour lie.
    static func advance(_ batch: IngestBatch, _ connection: Connection) throws {
        struct Hour: Hashable {
            let partition: Int32
            let hour: Int64
        }
        var hours: [Hour: ClosedRange<Int64>] = [:]
        for record in batch.records {
            let hour = Hour(partition: record.partition, hour: RecordHour(version: record.version).number)
            let range = hours[hour] ?? record.offset...record.offset
            hours[hour] = min(range.lowerBound, record.offset)...max(range.upperBound, record.offset)
        }
        let ranges = hours.sorted { ($0.key.hour, $0.key.partition) < ($1.key.hour, $1.key.partition) }
        let next = batch.nextOffsets.sorted { $0.key < $1.key }
        _ = try connection.pipeline([
            (
                noteHours,
                [
                    .integer(batch.log), .integers(ranges.map { Int64($0.key.partition) }),
                    .integers(ranges.map(\.key.hour)), .integers(ranges.map(\.value.lowerBound)),
                    .integers(ranges.map(\.value.upperBound)),
                ]
            ),
            (
                noteOffsets,
                [.integer(batch.log), .integers(next.map { Int64($0.key) }), .integers(next.map(\.value))]
            ),
        ])
    }

    private static let noteHours = Statement(
        "raw.hours",
        """
        INSERT INTO raw.hours AS present (log, partition, hour, first_offset, last_offset)
        SELECT $1, * FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])
        ON CONFLICT (hour, log, partition) DO UPDATE SET
            first_offset = least(present.first_offset, excluded.first_offset),
            last_offset = greatest(present.last_offset, excluded.last_offset)
        WHERE excluded.first_offset < present.first_offset OR excluded.last_offset > present.last_offset
        """)

    private static let noteOffsets = Statement(
        "raw.offsets",
        """
        INSERT INTO raw.offsets AS present (log, partition, next_offset)
        SELECT $1, * FROM unnest($2::bigint[], $3::bigint[])
        ON CONFLICT (log, partition) DO UPDATE SET next_offset = excluded.next_offset
        WHERE excluded.next_offset > present.next_offset
        """)

    // MARK: Reading

    /// Records of a partition within a range of offsets, copied out of the server.
    static func records(
        _ connection: Connection, log: Int64, partition: Int32, offsets: Range<Int64>, recordsMax: Int
    ) throws -> RawRecords {
        let arena = RecordArena()
        var records: [IncomingRecord] = []
        // Sizes are known without reading what is large: the server sends no more than is kept.
        try connection.forEachRow(
            """
            SELECT "offset", version, timestamp, payload, SYS_FILE_NAME
            FROM (SELECT *, sum(coalesce(octet_length(payload), 0)) OVER (ORDER BY "offset")
                            - coalesce(octet_length(payload), 0) AS bytes_before
                  FROM raw.sales WHERE log = $1 AND partition = $2 AND "offset" >= $3 AND "offset" < $4
                  ORDER BY "offset" LIMIT $5) AS sale
            WHERE bytes_before < $6 ORDER BY "offset"
            """,
            [
                .integer(log), .integer(Int64(partition)), .integer(offsets.lowerBound), .integer(offsets.upperBound),
                .integer(Int64(recordsMax)), .integer(chunkBytesMax),
            ]
        ) { row in
            records.append(
                IncomingRecord(
                    partition: partition, offset: row.integer(at: 0), version: row.integer(at: 1),
                    timestampMilliseconds: row.integer(at: 2), payload: row.withBytes(at: 3) { $0.map(arena.keep) },
                    fileName: row.withBytes(at: 4) { $0.map(arena.keep) }))
        }
        return RawRecords(records: records, arena: arena)
    }

    /// What was read of each partition of each log. One of which no record is left is not told.
    static func extents(_ connection: Connection) throws -> [RawExtent] {
        try connection.query(
            """
            SELECT read.log, read.partition, read.next_offset, sale.topic FROM raw.offsets AS read
            CROSS JOIN LATERAL (SELECT topic FROM raw.sales AS sale
                WHERE sale.log = read.log AND sale.partition = read.partition LIMIT 1) AS sale
            ORDER BY read.log, read.partition
            """
        ).map { row in
            RawExtent(
                log: row.integer(at: 0), topic: row.text(at: 3), partition: Int32(row.integer(at: 1)),
                offsets: 0..<row.integer(at: 2))
        }
    }
}

extension CopyWriter {
    /// A `text` from bytes of any origin: what `text` does not hold (U+0000, no UTF-8) is written as U+FFFD.
    mutating func foreignText(_ value: UnsafeRawBufferPointer?) {
        guard let value else { return null() }
        if value.allSatisfy({ (0x20..<0x7F).contains($0) }) { return bytes(value) }
        text(String(decoding: value, as: UTF8.self).replacing("\u{0}", with: "\u{FFFD}"))
    }
}
