internal import PostgreSQL
internal import Retail

/// The refused records of `ods.sales_rejects`: one row per distinct content, its positions beside it.
///
/// Runs in the transaction that writes the sales, behind them, so that a record is in exactly one of both. How the rejects
/// of a sale stand depends on its rows here and in `ods.sales`: so a batch that refuses something is alone from here to
/// its commit, while batches that refuse nothing run beside each other.
struct PostgreSQLRejectLedger {
    private static let lock: Int64 = 0x5246_4C57_0002

    let connection: Connection
    let batch: IngestBatch
    private let codeVersion: String
    private let now: Int64

    init(_ connection: Connection, _ batch: IngestBatch, codeVersion: String, now: Int64) {
        self.connection = connection
        self.batch = batch
        self.codeVersion = codeVersion
        self.now = now
    }

    /// Brings the rejects in line with a batch, whose valid sales are written and whose offsets are not yet raised.
    func write(counts: inout OdsCounts) throws {
        let alone = batch.sales.refusals.isEmpty ? PostgreSQLRejectLedger.shared : PostgreSQLRejectLedger.exclusive
        let lock = Parameter.integer(PostgreSQLRejectLedger.lock)
        let answers = try connection.pipeline([(alone, [lock]), (PostgreSQLRejectLedger.any, [])])
        // Without any reject, a valid sale costs no look-up here.
        guard answers[1][0].boolean(at: 0) || !batch.sales.refusals.isEmpty else { return }
        var touched = Set(batch.sales.rows.map(\.id))
        touched.formUnion(try settleValid(counts: &counts))
        touched.formUnion(try addContents(counts: &counts))
        let nameless = try addPlaces()
        try noteTries()
        touched.formUnion(try withdraw(nameless, counts: &counts))
        try PostgreSQLRejectStates.settle(touched.sorted(), connection)
    }

    // MARK: Valid records

    /// A reject of a record that is valid now is gone (other code judged it anew), and a sale that returns goes on with its
    /// old revision. The sales that such rejects named.
    private func settleValid(counts: inout OdsCounts) throws -> [Int64] {
        let records = batch.sales.rows.map { batch.records[Int($0.record)] }
        guard !records.isEmpty else { return [] }
        let gone = try connection.run(
            PostgreSQLRejectLedger.deletePlaces,
            [.integer(batch.log), .integers(records.map { Int64($0.partition) }), .integers(records.map(\.offset))])
        try connection.run(
            PostgreSQLRejectLedger.returnRevisions, [.integers(batch.sales.rows.map(\.id))])
        counts.recovered = gone.reduce(0) { $0 + Int($1.integer(at: 1)) }
        guard !gone.isEmpty else { return [] }
        let rejects = Parameter.integers(gone.map { $0.integer(at: 0) })
        let named = try connection.query(
            "SELECT sale_id FROM ods.sales_rejects WHERE reject_id = ANY($1) AND sale_id IS NOT NULL", [rejects])
        try connection.query(
            """
            DELETE FROM ods.sales_rejects AS reject WHERE reject_id = ANY($1) AND NOT EXISTS (
                SELECT 1 FROM ods.sales_reject_positions AS place WHERE place.reject_id = reject.reject_id)
            """, [rejects])
        return named.map { $0.integer(at: 0) }
    }

    // MARK: Refused records

    /// Writes the batch's refused contents, each once. The sales that they name, and those that they named before.
    private func addContents(counts: inout OdsCounts) throws -> [Int64] {
        var contents: [Int64: Content] = [:]
        for refusal in batch.sales.refusals {
            let version = batch.records[Int(refusal.record)].version
            var content = contents[refusal.contentHash] ?? Content(first: refusal, version: version)
            content.version = max(content.version, version)
            contents[refusal.contentHash] = content
        }
        let present = try connection.query(
            """
            SELECT content_hash, reject_id, version, reasons::text, sale_id FROM ods.sales_rejects
            WHERE content_hash = ANY($1) ORDER BY content_hash FOR UPDATE
            """, [.integers(Array(contents.keys))])
        var touched = batch.sales.refusals.compactMap(\.saleID)
        for row in present {
            guard let content = contents.removeValue(forKey: row.integer(at: 0)) else { continue }
            try update(row, with: content)
            if let sale = row.optionalInteger(at: 4) { touched.append(sale) }
        }
        counts.newRejects = contents.count
        counts.knownRejects = batch.sales.refusals.count - contents.count
        for content in contents.values.sorted(by: { $0.first.record < $1.first.record }) { try insert(content) }
        return touched
    }

    private struct Content {
        let first: SaleBatch.Refusal
        /// The highest of its records in the batch.
        var version: Int64
    }

    private func insert(_ content: Content) throws {
        let payload = batch.records[Int(content.first.record)].payload
        try connection.run(
            PostgreSQLRejectLedger.insert,
            [
                .integer(content.first.contentHash), .optional(content.first.saleID), .integer(content.version),
                .text(content.first.reasons.json), payload.map { .bytes(Array($0)) } ?? .null, .text(codeVersion),
                .instant(microseconds: now),
            ])
    }

    private func update(_ row: Row, with content: Content) throws {
        let reasons = content.first.reasons.json
        guard row.integer(at: 2) < content.version || row.text(at: 3) != reasons else { return }
        // One of which no sale is known any more is open.
        try connection.run(
            PostgreSQLRejectLedger.update,
            [
                row.integer(at: 1), max(row.integer(at: 2), content.version),
            ].map(Parameter.integer) + [.text(reasons), .text(codeVersion), .optional(content.first.saleID)])
    }

    /// Writes where the refused records lie. Those that had been read before and were no reject, and name no sale: each was
    /// a sale once.
    private func addPlaces() throws -> [IncomingRecord] {
        let refusals = batch.sales.refusals
        guard !refusals.isEmpty else { return [] }
        let records = refusals.map { batch.records[Int($0.record)] }
        let new = try connection.run(
            PostgreSQLRejectLedger.insertPlaces,
            [
                .integer(batch.log), .integers(records.map { Int64($0.partition) }), .integers(records.map(\.offset)),
                .integers(refusals.map(\.contentHash)), .integers(records.map(\.version)),
                .texts(records.map { $0.fileName.map(Self.text) ?? "" }), .instant(microseconds: now),
            ])
        var read: [Int32: Int64] = [:]
        for row in try connection.query(
            "SELECT partition, next_offset FROM ods.offsets WHERE log = $1", [.integer(batch.log)])
        {
            read[Int32(row.integer(at: 0))] = row.integer(at: 1)
        }
        let places = Set(new.map { Place(partition: Int32($0.integer(at: 0)), offset: $0.integer(at: 1)) })
        return zip(refusals, records).filter { refusal, record in
            refusal.saleID == nil && record.offset < read[record.partition] ?? .min
                && places.contains(Place(partition: record.partition, offset: record.offset))
        }.map { $1 }
    }

    private struct Place: Hashable {
        let partition: Int32
        let offset: Int64
    }

    private static func text(_ bytes: UnsafeRawBufferPointer) -> String {
        String(decoding: bytes, as: UTF8.self).replacing("\u{0}", with: "\u{FFFD}")
    }

    /// Counts a retry once a content, in however many records it comes.
    private func noteTries() throws {
        guard let moment = batch.retriedAt else { return }
        try connection.query(
            """
            UPDATE ods.sales_rejects SET tries = tries + 1, last_tried = $2, tried_version = $3
            WHERE content_hash = ANY($1) AND last_tried IS DISTINCT FROM $2
            """,
            [
                .integers(batch.sales.refusals.map(\.contentHash)), .instant(microseconds: moment), .text(codeVersion),
            ])
    }

    /// Takes the rows away that refused records decided, and keeps their revisions: a row that returns goes on counting
    /// from there, or a mart that was built from the old row could take the new one for it.
    ///
    /// - Parameter nameless: records that no longer tell which sale they are: all of ods is searched for them.
    private func withdraw(_ nameless: [IncomingRecord], counts: inout OdsCounts) throws -> [Int64] {
        var gone: [Int64] = []
        let named = batch.sales.refusals.compactMap { refusal in
            refusal.saleID.map { ($0, batch.records[Int(refusal.record)]) }
        }
        if !named.isEmpty {
            gone += try connection.run(
                PostgreSQLRejectLedger.withdraw,
                [
                    .integer(batch.log), .integers(named.map(\.0)), .integers(named.map { Int64($0.1.partition) }),
                    .integers(named.map(\.1.offset)),
                ]
            ).map { $0.integer(at: 0) }
        }
        if !nameless.isEmpty {
            gone += try connection.run(
                PostgreSQLRejectLedger.withdrawNameless,
                [
                    .integer(batch.log), .integers(nameless.map { Int64($0.partition) }),
                    .integers(nameless.map(\.offset)),
                ]
            ).map { $0.integer(at: 0) }
        }
        counts.withdrawn = gone.count
        if !gone.isEmpty {
            try connection.query("DELETE FROM ods.sales_items WHERE sale_id = ANY($1)", [.integers(gone)])
        }
        return gone
    }
}
