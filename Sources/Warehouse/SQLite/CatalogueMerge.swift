internal import Foundation
internal import Retail
internal import SQLite

/// Brings `ods.products` or `ods.customers` to the state of one snapshot, inside the caller's transaction.
///
/// A row is written only when its content changed; one that is not served any more is closed, never deleted; one that
/// is not valid leaves the last valid version as it is.
final class CatalogueMerge {
    private let database: Database
    private let catalogue: Catalogue
    private let snapshot: Int64
    // Bytes, because keys that look the same ("é" in one code point or in two) are equal as strings.
    private let served: Set<[UInt8]>
    private let codeVersion: String
    private let now: String
    private var counts = MergeCounts()

    init(
        _ database: Database, catalogue: Catalogue, snapshot: Int64, keys: CatalogueKeys, codeVersion: String,
        now: String
    ) throws {
        self.database = database
        self.catalogue = catalogue
        self.snapshot = snapshot
        self.served = Set(keys.keys.map { Array($0.utf8) })
        self.codeVersion = codeVersion
        self.now = now
    }

    func run(parser: CatalogueParser) throws -> MergeCounts {
        let table = catalogue.rawValue
        let key = catalogue == .products ? "product_sku" : "customer_id"
        let rows = try database.prepare(
            """
            SELECT key, payload, payload_hash, SYS_FILE_NAME FROM raw.\(table)
            WHERE record_id IN (SELECT max(record_id) FROM raw.\(table)
                                WHERE snapshot_id <= ?1 AND key IS NOT NULL GROUP BY key)
               OR (key IS NULL AND snapshot_id = ?1)
            """)
        rows.bind(snapshot, at: 1)
        let upsert = try CatalogueUpsert(database, catalogue: catalogue, snapshot: snapshot, now: now)
        while try rows.step() {
            let rowKey = rows.optionalText(at: 0)
            if let rowKey, !served.contains(Array(rowKey.utf8)) { continue }
            let fileName = rows.text(at: 3)
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
        try closeVanished(table: table, key: key)
        try database.execute(
            """
            INSERT INTO ods.catalogue_state (endpoint, snapshot_id) VALUES ('\(table)', \(snapshot))
            ON CONFLICT (endpoint) DO UPDATE SET snapshot_id = excluded.snapshot_id
            """)
        return counts
    }

    private func closeVanished(table: String, key: String) throws {
        let open = try database.prepare("SELECT \(key) FROM ods.\(table) WHERE SYS_DATE_DELETE IS NULL")
        var vanished: [String] = []
        while try open.step() {
            let present = open.text(at: 0)
            if !served.contains(Array(present.utf8)) { vanished.append(present) }
        }
        let close = try database.prepare("UPDATE ods.\(table) SET SYS_DATE_DELETE = ?2 WHERE \(key) = ?1")
        for gone in vanished {
            try close.bind(gone, at: 1)
            try close.bind(now, at: 2)
            try close.run()
        }
        counts.vanished = vanished.count
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
