internal import PostgreSQL
internal import Retail

/// Brings `ods.products` or `ods.customers`, and their history, to the state of one snapshot, inside the caller's
/// transaction.
///
/// A row is written only when its content changed; one that is not served any more is closed, never deleted; one that
/// is not valid leaves the last valid version as it is. Where nothing changed, nothing is written. What becomes of each
/// row is decided here; the rows are written in sets.
struct PostgreSQLCatalogueMerge {
    private(set) var counts = MergeCounts()

    private let snapshots: PostgreSQLStoredSnapshots
    private let snapshot: Int64
    private let served: Set<[UInt8]>
    private let codeVersion: String
    private let now: Int64
    private var begun: [[UInt8]: CatalogueEntry] = [:]
    private var refused: [Int64: (key: String?, reasons: [ValidationReason])] = [:]

    private var connection: Connection { snapshots.connection }
    private var catalogue: Catalogue { snapshots.catalogue }

    init(
        _ snapshots: PostgreSQLStoredSnapshots, snapshot: Int64, served: Set<[UInt8]>, codeVersion: String, now: Int64
    ) {
        self.snapshots = snapshots
        self.snapshot = snapshot
        self.served = served
        self.codeVersion = codeVersion
        self.now = now
    }

    mutating func run(parser: CatalogueParser) throws {
        let present = try readPresent()
        try snapshots.forEachRow(asOf: snapshot) { row in
            if let key = row.optionalText(at: 0), !served.contains(Array(key.utf8)) { return }
            judge(row, parser, present)
        }
        let vanished = present.filter { !$0.value.isClosed && !served.contains($0.key) }
            .map { String(decoding: $0.key, as: UTF8.self) }
        counts.vanished = vanished.count
        if counts.changesAnything {
            let version = try connection.query(
                "UPDATE ods.catalogue_version SET version = version + 1 RETURNING version")[0].integer(at: 0)
            let writer = try PostgreSQLCatalogueWriter(snapshots, snapshot: snapshot, version: version, now: now)
            try writer.end(vanished)
            try writer.begin(Array(begun.values))
        }
        try noteRefused()
        try noteState()
    }

    // MARK: Deciding

    private struct Present {
        let contentHash: Int64
        let isClosed: Bool
    }

    private func readPresent() throws -> [[UInt8]: Present] {
        var present: [[UInt8]: Present] = [:]
        try connection.forEachRow(
            "SELECT \(catalogue.keyColumn), content_hash, SYS_DATE_DELETE IS NOT NULL FROM ods.\(catalogue.rawValue)"
        ) { row in
            present[Array(row.text(at: 0).utf8)] = Present(
                contentHash: row.integer(at: 1), isClosed: row.boolean(at: 2))
        }
        return present
    }

    private mutating func judge(_ row: Row, _ parser: CatalogueParser, _ present: [[UInt8]: Present]) {
        let fileName = row.text(at: 4)
        row.withBytes(at: 1) { payload in
            let payload = payload ?? UnsafeRawBufferPointer(start: nil, count: 0)
            switch catalogue {
            case .products:
                switch parser.product(payload) {
                case .valid(let product): take(CatalogueEntry(product, fileName: fileName), present)
                case .refused(let key, let reasons): refuse(row, key, reasons)
                }
            case .customers:
                switch parser.customer(payload) {
                case .valid(let customer): take(CatalogueEntry(customer, fileName: fileName), present)
                case .refused(let key, let reasons): refuse(row, key, reasons)
                }
            }
        }
    }

    private mutating func refuse(_ row: Row, _ key: String?, _ reasons: [ValidationReason]) {
        refused[row.integer(at: 2)] = (key, reasons)
        counts.refused += 1
    }

    private mutating func take(_ entry: CatalogueEntry, _ present: [[UInt8]: Present]) {
        let present = present[entry.keyBytes]
        if let present, present.contentHash == entry.contentHash, !present.isClosed {
            counts.unchanged += 1
            return
        }
        begun[entry.keyBytes] = entry
        switch present?.isClosed {
        case nil: counts.inserted += 1
        case true?: counts.returned += 1
        case false?: counts.changed += 1
        }
    }

    // MARK: Writing

    /// An empty key stands for none.
    private func noteRefused() throws {
        guard !refused.isEmpty else { return }
        let rows = refused.sorted { $0.key < $1.key }
        try connection.query(
            """
            INSERT INTO ods.catalogue_rejects AS reject (endpoint, payload_hash, key, reasons, code_version, snapshot_id,
                                                         SYS_DATE_CREATE)
            SELECT $1, refused.payload_hash, nullif(refused.key, ''), refused.reasons::json, $5, $6, $7
            FROM unnest($2::bigint[], $3::text[], $4::text[]) AS refused(payload_hash, key, reasons)
            ON CONFLICT (endpoint, payload_hash) DO UPDATE SET reasons = excluded.reasons,
                code_version = excluded.code_version WHERE reject.reasons::text <> excluded.reasons::text
            """,
            [
                .text(catalogue.rawValue), .integers(rows.map(\.key)), .texts(rows.map { $0.value.key ?? "" }),
                .texts(rows.map(\.value.reasons.json)), .text(codeVersion), .integer(snapshot),
                .instant(microseconds: now),
            ])
    }

    /// A snapshot that holds the same as the merged one leaves the state where it is. It may change rows all the same:
    /// when this program takes as valid what the last one refused.
    private func noteState() throws {
        let isOther = try snapshots.merged().map { try snapshots.differ($0, snapshot) } ?? true
        guard isOther || counts.changesAnything else { return }
        try connection.query(
            """
            INSERT INTO ods.catalogue_state (endpoint, snapshot_id) VALUES ($1, $2)
            ON CONFLICT (endpoint) DO UPDATE SET snapshot_id = excluded.snapshot_id
            """, [.text(catalogue.rawValue), .integer(snapshot)])
    }
}
