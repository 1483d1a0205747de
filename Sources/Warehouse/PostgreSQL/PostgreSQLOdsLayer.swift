internal import PostgreSQL
internal import Retail

/// Writes judged records into `ods`, by the rules of versions and revisions.
///
/// What is there of the batch's sales is read and locked first, what becomes of each sale decided here (`SaleDecisions`),
/// and only the last state of each one is written.
enum PostgreSQLOdsLayer {
    private static let columns = """
        id, datetime, instant, total_amount, customer_id, version, revision, content_hash, log, partition, "offset", \
        SYS_FILE_NAME, SYS_DATE_CREATE, SYS_DATE_UPDATE
        """

    /// Where sales wait that replace what is there; `revision` is by how much it rises.
    static let staging = """
        CREATE TEMPORARY TABLE IF NOT EXISTS changed_sales (LIKE ods.sales) ON COMMIT DELETE ROWS;
        """

    /// - Parameter codeVersion: noted with each reject.
    static func write(
        _ batch: IngestBatch, now: Int64, codeVersion: String, _ connection: Connection
    ) throws -> OdsCounts {
        var counts = OdsCounts()
        let refused = batch.sales.refusals.compactMap(\.saleID)
        let ids = Set(batch.sales.rows.map(\.id)).union(refused).sorted()
        var decisions = SaleDecisions(present: try lock(ids, connection))
        let rows = batch.sales.rows
        // Records of one sale keep the order they came in.
        for index in rows.indices.sorted(by: { (rows[$0].id, rows[$0].record) < (rows[$1].id, rows[$1].record) }) {
            decisions.take(index, of: batch, counts: &counts)
        }
        try write(decisions, of: batch, now: now, connection)
        try PostgreSQLRejectLedger(connection, batch, codeVersion: codeVersion, now: now).write(counts: &counts)
        try advance(batch, connection)
        return counts
    }

    /// What is there of these sales, locked in the order of their ids.
    private static func lock(_ ids: [Int64], _ connection: Connection) throws -> [Int64: SaleDecisions.Present] {
        guard !ids.isEmpty else { return [:] }
        let rows = try connection.run(
            Statement(
                "ods.lock",
                """
                SELECT id, version, log, partition, "offset", content_hash, instant FROM ods.sales
                WHERE id = ANY($1) ORDER BY id FOR UPDATE
                """), [.integers(ids)])
        return Dictionary(
            rows.map { row in
                (
                    row.integer(at: 0),
                    SaleDecisions.Present(
                        place: RecordPlace(
                            version: row.integer(at: 1), log: row.integer(at: 2), partition: Int32(row.integer(at: 3)),
                            offset: row.integer(at: 4)),
                        contentHash: row.integer(at: 5), instant: row.integer(at: 6))
                )
            }, uniquingKeysWith: { $1 })
    }

    private static func write(
        _ decisions: SaleDecisions, of batch: IngestBatch, now: Int64, _ connection: Connection
    ) throws {
        let written = decisions.written
        let (new, changed) = (written.filter { $0.isNew }, written.filter { !$0.isNew })
        if !changed.isEmpty {
            try copy(changed, into: "changed_sales", of: batch, now: now, connection)
            _ = try connection.pipeline([
                (replace, []), (deleteLines, [.integers(changed.map(\.id))]),
            ])
        }
        if !new.isEmpty { try copy(new, into: "ods.sales", of: batch, now: now, connection) }
        if !written.isEmpty {
            try connection.copy(
                """
                COPY ods.sales_items (sale_id, product_sku, line, quantity, amount) FROM STDIN (FORMAT binary)
                """
            ) { rows in
                try batch.sales.text.withUnsafeBytes { text in
                    for sale in written { try appendLines(of: sale, batch.sales, text, to: &rows) }
                }
            }
        }
        let raised = decisions.raised
        if !raised.isEmpty {
            try connection.run(
                raise,
                [
                    .integers(raised.map(\.id)), .integers(raised.map(\.place.version)),
                    .integers(raised.map(\.place.log)), .integers(raised.map { Int64($0.place.partition) }),
                    .integers(raised.map(\.place.offset)),
                ])
        }
    }

    private static func copy(
        _ sales: [SaleDecisions.Written], into table: String, of batch: IngestBatch, now: Int64,
        _ connection: Connection
    ) throws {
        try connection.copy("COPY \(table) (\(columns)) FROM STDIN (FORMAT binary)") { rows in
            try batch.sales.text.withUnsafeBytes { text in
                for sale in sales {
                    let row = batch.sales.rows[sale.row]
                    try rows.begin(fields: 14)
                    rows.integer(row.id)
                    rows.time(microseconds: row.datetime * 1_000_000)
                    rows.integer(row.instant)
                    rows.integer(row.totalAmount)
                    rows.bytes(row.customer.map { text[$0] })
                    rows.integer(sale.place.version)
                    rows.integer(sale.revisions)
                    rows.integer(row.contentHash)
                    rows.integer(sale.place.log)
                    rows.integer(Int64(sale.place.partition))
                    rows.integer(sale.place.offset)
                    rows.foreignText(batch.records[Int(row.record)].fileName)
                    rows.time(microseconds: now)
                    rows.time(microseconds: now)
                }
            }
        }
    }

    private static func appendLines(
        of sale: SaleDecisions.Written, _ sales: SaleBatch, _ text: UnsafeRawBufferPointer, to rows: inout CopyWriter
    ) throws(PostgreSQLError) {
        for (number, index) in sales.rows[sale.row].lines.enumerated() {
            let line = sales.lines[Int(index)]
            try rows.begin(fields: 5)
            rows.integer(sale.id)
            rows.bytes(text[line.sku])
            rows.integer(Int64(number))
            rows.integer(line.quantity)
            rows.integer(line.amount)
        }
    }

    private static let replace = Statement(
        "ods.replace",
        """
        UPDATE ods.sales AS sale SET datetime = changed.datetime, instant = changed.instant,
               total_amount = changed.total_amount, customer_id = changed.customer_id, version = changed.version,
               revision = sale.revision + changed.revision, content_hash = changed.content_hash, log = changed.log,
               partition = changed.partition, "offset" = changed."offset", SYS_FILE_NAME = changed.SYS_FILE_NAME,
               SYS_DATE_UPDATE = changed.SYS_DATE_UPDATE
        FROM changed_sales AS changed WHERE sale.id = changed.id
        """)

    private static let deleteLines = Statement(
        "ods.delete_lines", "DELETE FROM ods.sales_items WHERE sale_id = ANY($1)")

    /// Equal content raises what is known of its source and nothing else.
    private static let raise = Statement(
        "ods.raise",
        """
        UPDATE ods.sales AS sale SET version = raised.version, log = raised.log, partition = raised.partition,
               "offset" = raised."offset"
        FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])
             AS raised(id, version, log, partition, "offset")
        WHERE sale.id = raised.id
        """)

    // MARK: Offsets

    private static func advance(_ batch: IngestBatch, _ connection: Connection) throws {
        var highest: [Int32: Int64] = [:]
        for row in batch.sales.rows {
            let partition = batch.records[Int(row.record)].partition
            highest[partition] = max(highest[partition] ?? row.id, row.id)
        }
        let next = batch.nextOffsets.sorted { $0.key < $1.key }
        var calls: [(Statement, [Parameter])] = [
            (
                noteOffsets,
                [
                    .integer(batch.log), .text(batch.topic), .integers(next.map { Int64($0.key) }),
                    .integers(next.map(\.value)), .integers(next.map { highest[$0.key] ?? 0 }),
                ]
            )
        ]
        // Last, because all writers share the row: nobody waits for it longer than for a commit.
        if let state = batch.breakerState { calls.append((noteBreaker, [.text(state)])) }
        _ = try connection.pipeline(calls)
    }

    /// A highest id of 0 stands for none.
    private static let noteOffsets = Statement(
        "ods.offsets",
        """
        INSERT INTO ods.offsets AS present (log, topic, partition, next_offset, highest_sale_id)
        SELECT $1, $2, partition, next_offset, nullif(highest, 0)
        FROM unnest($3::bigint[], $4::bigint[], $5::bigint[]) AS read(partition, next_offset, highest)
        ON CONFLICT (log, partition) DO UPDATE SET
            next_offset = greatest(present.next_offset, excluded.next_offset),
            highest_sale_id = greatest(present.highest_sale_id, excluded.highest_sale_id)
        WHERE excluded.next_offset > present.next_offset
            OR excluded.highest_sale_id > coalesce(present.highest_sale_id, 0)
        """)

    private static let noteBreaker = Statement(
        "ods.breaker",
        """
        INSERT INTO ods.ingest_state AS present ("only", breaker) VALUES (1, $1)
        ON CONFLICT ("only") DO UPDATE SET breaker = excluded.breaker WHERE present.breaker <> excluded.breaker
        """)
}
