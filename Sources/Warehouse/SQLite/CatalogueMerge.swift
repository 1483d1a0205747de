internal import Retail
internal import SQLite

/// Brings `ods.products` or `ods.customers`, and their history, to the state of one snapshot, inside the caller's
/// transaction.
///
/// A row is written only when its content changed; one that is not served any more is closed, never deleted; one that
/// is not valid leaves the last valid version as it is. Where nothing changed, nothing is written.
final class CatalogueMerge {
    private let snapshots: StoredSnapshots
    private let snapshot: Int64
    private let served: Set<[UInt8]>
    private let codeVersion: String
    private let now: String
    private var counts = MergeCounts()

    private var database: Database { snapshots.database }
    private var catalogue: Catalogue { snapshots.catalogue }

    init(
        _ snapshots: StoredSnapshots, snapshot: Int64, keys: CatalogueKeys, codeVersion: String, now: String
    ) throws {
        self.snapshots = snapshots
        self.snapshot = snapshot
        self.served = keys.bytes
        self.codeVersion = codeVersion
        self.now = now
    }

    func run(parser: CatalogueParser) throws -> MergeCounts {
        let upsert = try CatalogueUpsert(
            database, catalogue: catalogue, snapshot: snapshot, answeredAt: try answeredAt(),
            catalogueVersion: 1 + (try CatalogueVersion.read(database)), now: now)
        let rows = try snapshots.rows(asOf: snapshot)
        while try rows.step() {
            let rowKey = rows.optionalText(at: 0)
            if let rowKey, !served.contains(Array(rowKey.utf8)) { continue }
            let fileName = rows.text(at: 4)
            let outcome: CatalogueUpsert.Outcome? = try rows.withBytes(at: 1) { payload in
                let payload = payload ?? UnsafeRawBufferPointer(start: nil, count: 0)
                switch catalogue {
                case .products:
                    switch parser.product(payload) {
                    case .valid(let product): return try upsert.write(product, fileName: fileName)
                    case .refused(let key, let reasons):
                        try refuse(key: key, reasons: reasons, payloadHash: rows.integer(at: 2))
                        return nil
                    }
                case .customers:
                    switch parser.customer(payload) {
                    case .valid(let customer): return try upsert.write(customer, fileName: fileName)
                    case .refused(let key, let reasons):
                        try refuse(key: key, reasons: reasons, payloadHash: rows.integer(at: 2))
                        return nil
                    }
                }
            }
            switch outcome {
            case .inserted: counts.inserted += 1
            case .changed: counts.changed += 1
            case .unchanged: counts.unchanged += 1
            case .returned: counts.returned += 1
            case nil: counts.refused += 1
            }
        }
        try closeVanished(upsert)
        try noteState()
        return counts
    }

    private func answeredAt() throws -> Int64 {
        try database.integer("SELECT answered_at FROM raw.snapshots WHERE snapshot_id = \(snapshot)") ?? 0
    }

    private func closeVanished(_ upsert: CatalogueUpsert) throws {
        let open = try database.prepare(
            "SELECT \(catalogue.keyColumn) FROM ods.\(catalogue.rawValue) WHERE SYS_DATE_DELETE IS NULL")
        var vanished: [String] = []
        while try open.step() {
            let present = open.text(at: 0)
            if !served.contains(Array(present.utf8)) { vanished.append(present) }
        }
        for gone in vanished { try upsert.vanish(key: gone) }
        counts.vanished = vanished.count
    }

    /// A snapshot that holds the same as the merged one leaves the state where it is. It may change rows all the same:
    /// when this program takes as valid what the last one refused.
    private func noteState() throws {
        if counts.changesAnything { try database.execute("UPDATE ods.catalogue_version SET version = version + 1") }
        let merged = try snapshots.merged()
        let isOther = try merged.map { (merged) throws(SQLiteError) in try snapshots.differ(merged, snapshot) } ?? true
        guard isOther || counts.changesAnything else { return }
        try database.execute(
            """
            INSERT INTO ods.catalogue_state (endpoint, snapshot_id) VALUES ('\(catalogue.rawValue)', \(snapshot))
            ON CONFLICT (endpoint) DO UPDATE SET snapshot_id = excluded.snapshot_id
            """)
    }

    private func refuse(key: String?, reasons: [ValidationReason], payloadHash: Int64) throws {
        let insert = try database.prepare(
            """
            INSERT INTO ods.catalogue_rejects (endpoint, payload_hash, key, reasons, code_version, snapshot_id,
                                               SYS_DATE_CREATE)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            ON CONFLICT (endpoint, payload_hash) DO UPDATE SET reasons = excluded.reasons,
                code_version = excluded.code_version WHERE reasons <> excluded.reasons
            """)
        try insert.bind(catalogue.rawValue, at: 1)
        insert.bind(payloadHash, at: 2)
        try insert.bind(key, at: 3)
        try insert.bind(reasons.json, at: 4)
        try insert.bind(codeVersion, at: 5)
        insert.bind(snapshot, at: 6)
        try insert.bind(now, at: 7)
        try insert.run()
    }
}
