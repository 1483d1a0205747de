internal import FaultPoints
internal import Foundation
package import Retail
internal import SQLite

/// Snapshots of the catalogues in `raw.db`, merged into `ods.db`.
///
/// What never was in Kafka can't be read again, so these commits are on the disk when they return.
package struct SQLiteCatalogueStore: CatalogueStore {
    private let warehouse: SQLiteWarehouse
    private let codeVersion: String

    /// - Parameter codeVersion: noted with each refused row.
    package init(_ warehouse: SQLiteWarehouse, codeVersion: String) {
        self.warehouse = warehouse
        self.codeVersion = codeVersion
    }

    package func keep(_ snapshot: CatalogueSnapshot) throws -> (snapshot: Int64, rowsKept: Int) {
        try translating(warehouse.directory) {
            let database = try warehouse.connect(writing: ["raw"], durable: true)
            FaultPoint.snapshotWrite.before()
            let kept = try database.transaction {
                let number = try insertSnapshot(snapshot, into: database)
                let rows = try insertChangedRows(of: snapshot, number: number, into: database)
                FaultPoint.snapshotWrite.after()
                FaultPoint.snapshotCommit.before()
                return (number, rows)
            }
            FaultPoint.snapshotCommit.after()
            return kept
        }
    }

    private func insertSnapshot(_ snapshot: CatalogueSnapshot, into database: Database) throws -> Int64 {
        let keys = try CatalogueKeys(snapshot.rows.compactMap(\.key))
        let sameKeys = try database.prepare(
            """
            SELECT ifnull(keys_as, snapshot_id) FROM raw.snapshots
            WHERE endpoint = ?1 AND keys_digest = ?2 ORDER BY snapshot_id DESC LIMIT 1
            """)
        try sameKeys.bind(snapshot.catalogue.rawValue, at: 1)
        sameKeys.bind(keys.digest, at: 2)
        let keysAs = try sameKeys.step() ? sameKeys.integer(at: 0) : nil
        let insert = try database.prepare(
            """
            INSERT INTO raw.snapshots (endpoint, pages, row_count, declared_total, sweeps, proof, keys_digest, keys,
                                       keys_as, answered_at, SYS_DATE_CREATE)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
            """)
        try insert.bind(snapshot.catalogue.rawValue, at: 1)
        insert.bind(Int64(snapshot.pages), at: 2)
        insert.bind(Int64(snapshot.rows.count), at: 3)
        insert.bind(snapshot.declaredTotal, at: 4)
        insert.bind(Int64(snapshot.sweeps), at: 5)
        try insert.bind(snapshot.proof, at: 6)
        insert.bind(keys.digest, at: 7)
        try insert.bind(keysAs == nil ? keys.json : nil, at: 8)
        insert.bind(keysAs, at: 9)
        insert.bind(snapshot.answeredAt, at: 10)
        try insert.bind(Timestamp.text(ofMicroseconds: warehouse.clock()), at: 11)
        try insert.run()
        return database.lastInsertedRow
    }

    private func insertChangedRows(of snapshot: CatalogueSnapshot, number: Int64, into database: Database) throws -> Int
    {
        let table = snapshot.catalogue.rawValue
        let last = try database.prepare(
            """
            SELECT payload_hash FROM raw.\(table) WHERE key IS ?1 AND (?1 IS NOT NULL OR payload_hash = ?2)
            ORDER BY record_id DESC LIMIT 1
            """)
        let insert = try database.prepare(
            """
            INSERT INTO raw.\(table) (snapshot_id, key, payload, payload_hash, is_json, SYS_FILE_NAME, SYS_DATE_CREATE)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            """)
        insert.bind(number, at: 1)
        try insert.bind(Timestamp.text(ofMicroseconds: warehouse.clock()), at: 7)
        var kept = 0
        for row in snapshot.rows {
            let hash = row.payload.withUnsafeBytes { ContentHash.of($0) }
            try last.bind(row.key, at: 1)
            last.bind(hash, at: 2)
            let present = try last.step() ? last.integer(at: 0) : nil
            last.reset()
            if present == hash { continue }
            try insert.bind(row.key, at: 2)
            insert.bind(hash, at: 4)
            insert.bind(row.isJSON ? 1 : 0, at: 5)
            try insert.bind(row.fileName, at: 6)
            try row.payload.withUnsafeBytes { payload in
                insert.bindBorrowed(blob: payload, at: 3)
                try insert.run()
            }
            kept += 1
        }
        return kept
    }

    package func unmergedSnapshot(of catalogue: Catalogue) throws -> Int64? {
        try translating(warehouse.directory) {
            let database = try warehouse.connect(reading: ["raw", "ods"])
            let newest = try database.integer(
                "SELECT max(snapshot_id) FROM raw.snapshots WHERE endpoint = '\(catalogue.rawValue)'")
            let merged = try database.integer(
                "SELECT snapshot_id FROM ods.catalogue_state WHERE endpoint = '\(catalogue.rawValue)'")
            guard let newest, newest > (merged ?? 0) else { return nil }
            return newest
        }
    }

    package func merge(_ snapshot: Int64, of catalogue: Catalogue, timeZone: RetailTimeZone) throws -> MergeCounts {
        try translating(warehouse.directory) {
            let database = try warehouse.connect(writing: ["ods"], reading: ["raw"], durable: true)
            FaultPoint.mergeWrite.before()
            let counts = try database.transaction {
                let keys = try database.text(
                    """
                    SELECT ifnull(snapshot.keys, named.keys) FROM raw.snapshots AS snapshot
                    LEFT JOIN raw.snapshots AS named ON named.snapshot_id = snapshot.keys_as
                    WHERE snapshot.snapshot_id = \(snapshot) AND snapshot.endpoint = '\(catalogue.rawValue)'
                    """)
                guard let keys else {
                    // Without its keys every row would count as vanished.
                    throw WarehouseError(
                        code: .damaged, what: "the keys of \(catalogue.rawValue) snapshot \(snapshot) are not there",
                        place: "\(warehouse.directory)/raw.db",
                        remedy: "restore the file from a backup, or read the catalogue again: retailflow batch")
                }
                let merge = try CatalogueMerge(
                    database, catalogue: catalogue, snapshot: snapshot, keys: try CatalogueKeys(json: keys),
                    codeVersion: codeVersion, now: Timestamp.text(ofMicroseconds: warehouse.clock()))
                let counts = try merge.run(parser: CatalogueParser(timeZone: timeZone))
                FaultPoint.mergeWrite.after()
                FaultPoint.mergeCommit.before()
                return counts
            }
            FaultPoint.mergeCommit.after()
            return counts
        }
    }
}
