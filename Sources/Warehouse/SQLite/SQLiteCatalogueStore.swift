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

    package func keep(
        _ snapshot: CatalogueSnapshot, objection: String?
    ) throws -> (snapshot: Int64, rowsKept: Int) {
        try translating(warehouse.directory) {
            let database = try warehouse.connect(writing: ["raw"], durable: true)
            FaultPoint.snapshotWrite.before()
            let kept = try database.transaction {
                let number = try insertSnapshot(snapshot, objection: objection, into: database)
                let rows = try insertChangedRows(of: snapshot, number: number, into: database)
                FaultPoint.snapshotWrite.after()
                FaultPoint.snapshotCommit.before()
                return (number, rows)
            }
            FaultPoint.snapshotCommit.after()
            return kept
        }
    }

    private func insertSnapshot(
        _ snapshot: CatalogueSnapshot, objection: String?, into database: Database
    ) throws -> Int64 {
        let keys = CatalogueKeys(snapshot.rows.compactMap(\.key))
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
                                       keys_as, answered_at, SYS_DATE_CREATE, objection)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
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
        try insert.bind(objection, at: 12)
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

    package func accept(_ snapshot: Int64) throws {
        try translating(warehouse.directory) {
            let database = try warehouse.connect(writing: ["raw"], durable: true)
            let insert = try database.prepare(
                """
                INSERT INTO raw.accepted_snapshots (snapshot_id, SYS_DATE_CREATE) VALUES (?1, ?2)
                ON CONFLICT (snapshot_id) DO NOTHING
                """)
            insert.bind(snapshot, at: 1)
            try insert.bind(Timestamp.text(ofMicroseconds: warehouse.clock()), at: 2)
            try insert.run()
        }
    }

    package func baseline(of catalogue: Catalogue, since: Int64) throws -> CatalogueBaseline? {
        try reading(["raw"], catalogue) { snapshots in
            guard let last = try snapshots.lastBelieved() else { return nil }
            let served = try presentKeys(of: last, snapshots).bytes
            let stored = try snapshots.rows(asOf: last)
            var rows: [CatalogueRow] = []
            while try stored.step() {
                guard let key = stored.optionalText(at: 0), served.contains(Array(key.utf8)) else { continue }
                rows.append(
                    CatalogueRow(
                        key: key, payload: stored.withBytes(at: 1) { Array($0 ?? .init(start: nil, count: 0)) },
                        isJSON: stored.integer(at: 3) != 0, fileName: stored.text(at: 4)))
            }
            return CatalogueBaseline(rows: rows, largest: Int(try snapshots.largest(since: since)))
        }
    }

    package func unmergedSnapshots(of catalogue: Catalogue) throws -> [Int64] {
        try reading(["raw", "ods"], catalogue) { try $0.unmerged() }
    }

    package func heldSnapshot(of catalogue: Catalogue) throws -> HeldSnapshot? {
        try reading(["raw"], catalogue) { try $0.held() }
    }

    private func reading<Result>(
        _ schemas: [String], _ catalogue: Catalogue, _ body: (StoredSnapshots) throws -> Result
    ) throws -> Result {
        try translating(warehouse.directory) {
            let database = try warehouse.connect(reading: schemas)
            return try database.snapshot { try body(StoredSnapshots(database: database, catalogue: catalogue)) }
        }
    }

    package func merge(_ snapshot: Int64, of catalogue: Catalogue, timeZone: RetailTimeZone) throws -> MergeCounts {
        try translating(warehouse.directory) {
            let database = try warehouse.connect(writing: ["ods"], reading: ["raw"], durable: true)
            FaultPoint.mergeWrite.before()
            let counts = try database.transaction {
                let snapshots = StoredSnapshots(database: database, catalogue: catalogue)
                // Somebody else was faster: going back would make a version of what is over.
                if let merged = try snapshots.merged(), snapshot < merged { return MergeCounts() }
                let merge = try CatalogueMerge(
                    snapshots, snapshot: snapshot, keys: try presentKeys(of: snapshot, snapshots),
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

    private func presentKeys(of snapshot: Int64, _ snapshots: StoredSnapshots) throws -> CatalogueKeys {
        if let keys = try snapshots.keys(of: snapshot) { return keys }
        // Without its keys every row would count as vanished.
        throw WarehouseError(
            code: .damaged, what: "the keys of \(snapshots.catalogue.rawValue) snapshot \(snapshot) are not there",
            place: "\(warehouse.directory)/raw.db",
            remedy: "restore the file from a backup, or read the catalogue again: retailflow batch")
    }
}
