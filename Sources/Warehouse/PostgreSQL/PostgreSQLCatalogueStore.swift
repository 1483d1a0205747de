internal import FaultPoints
internal import PostgreSQL
package import Retail

/// Snapshots of the catalogues in `raw`, merged into `ods`.
///
/// What never was in Kafka can't be read again, so these commits are on the disk when they return. Whoever writes here is
/// alone: a snapshot's number must say what came before it.
package struct PostgreSQLCatalogueStore: CatalogueStore {
    private static let lock = Parameter.integer(0x5246_4C57_0004)

    private let warehouse: PostgreSQLWarehouse
    private let codeVersion: String

    /// - Parameter codeVersion: noted with each refused row.
    package init(_ warehouse: PostgreSQLWarehouse, codeVersion: String) {
        self.warehouse = warehouse
        self.codeVersion = codeVersion
    }

    package func keep(
        _ snapshot: CatalogueSnapshot, objection: String?
    ) throws -> (snapshot: Int64, rowsKept: Int) {
        FaultPoint.snapshotWrite.before()
        let kept = try writing { connection in
            let number = try insertSnapshot(snapshot, objection: objection, connection)
            let rows = try insertChangedRows(of: snapshot, number: number, connection)
            FaultPoint.snapshotWrite.after()
            FaultPoint.snapshotCommit.before()
            return (number, rows)
        }
        FaultPoint.snapshotCommit.after()
        return kept
    }

    private func insertSnapshot(
        _ snapshot: CatalogueSnapshot, objection: String?, _ connection: Connection
    ) throws -> Int64 {
        let keys = CatalogueKeys(snapshot.rows.compactMap(\.key))
        let endpoint = Parameter.text(snapshot.catalogue.rawValue)
        let keysAs = try connection.query(
            """
            SELECT coalesce(keys_as, snapshot_id) FROM raw.snapshots
            WHERE endpoint = $1 AND keys_digest = $2 ORDER BY snapshot_id DESC LIMIT 1
            """, [endpoint, .integer(keys.digest)]
        ).first?.integer(at: 0)
        return try connection.query(
            """
            INSERT INTO raw.snapshots (endpoint, pages, row_count, declared_total, sweeps, proof, keys_digest, keys,
                                       keys_as, answered_at, SYS_DATE_CREATE, objection)
            VALUES ($1, $2, $3, $4::bigint, $5, $6, $7, $8::text::json, $9::bigint, $10, $11, $12::text)
            RETURNING snapshot_id
            """,
            [
                endpoint, .integer(Int64(snapshot.pages)), .integer(Int64(snapshot.rows.count)),
                .optional(snapshot.declaredTotal), .integer(Int64(snapshot.sweeps)), .text(snapshot.proof),
                .integer(keys.digest), keysAs == nil ? .text(keys.json) : .null, .optional(keysAs),
                .integer(snapshot.answeredAt), .instant(microseconds: warehouse.clock()), .optional(objection),
            ])[0].integer(at: 0)
    }

    /// Of the rows without a key, each content once for all time.
    private func insertChangedRows(
        of snapshot: CatalogueSnapshot, number: Int64, _ connection: Connection
    ) throws -> Int {
        let table = "raw.\(snapshot.catalogue.rawValue)"
        var last: [[UInt8]: Int64] = [:]
        let keys = Parameter.texts(snapshot.rows.compactMap(\.key))
        for row in try connection.query(
            """
            SELECT DISTINCT ON (key) key, payload_hash FROM \(table) WHERE key = ANY($1) ORDER BY key, record_id DESC
            """, [keys])
        {
            last[Array(row.text(at: 0).utf8)] = row.integer(at: 1)
        }
        let hashed = snapshot.rows.map { row in (row, row.payload.withUnsafeBytes { ContentHash.of($0) }) }
        var nameless = Set(
            try connection.query(
                "SELECT DISTINCT payload_hash FROM \(table) WHERE key IS NULL AND payload_hash = ANY($1)",
                [.integers(hashed.filter { $0.0.key == nil }.map(\.1))]
            ).map { $0.integer(at: 0) })
        let changed = hashed.filter { row, hash in
            row.key.map { last[Array($0.utf8)] != hash } ?? nameless.insert(hash).inserted
        }
        guard !changed.isEmpty else { return 0 }
        let now = warehouse.clock()
        return try connection.copy(
            """
            COPY \(table) (snapshot_id, key, payload, payload_hash, is_json, SYS_FILE_NAME, SYS_DATE_CREATE)
            FROM STDIN (FORMAT binary)
            """
        ) { rows in
            for (row, hash) in changed {
                try rows.begin(fields: 7)
                rows.integer(number)
                if let key = row.key { rows.text(key) } else { rows.null() }
                row.payload.withUnsafeBytes { rows.bytes($0) }
                rows.integer(hash)
                rows.boolean(row.isJSON)
                rows.text(row.fileName)
                rows.time(microseconds: now)
            }
        }
    }

    package func accept(_ snapshot: Int64) throws {
        try writing { connection in
            _ = try connection.query(
                """
                INSERT INTO raw.accepted_snapshots (snapshot_id, SYS_DATE_CREATE) VALUES ($1, $2)
                ON CONFLICT (snapshot_id) DO NOTHING
                """, [.integer(snapshot), .instant(microseconds: warehouse.clock())])
        }
    }

    package func baseline(of catalogue: Catalogue, since: Int64) throws -> CatalogueBaseline? {
        try reading(catalogue) { snapshots in
            guard let last = try snapshots.lastBelieved() else { return nil }
            let served = try presentKeys(of: last, snapshots).bytes
            var rows: [CatalogueRow] = []
            try snapshots.forEachRow(asOf: last) { row in
                guard let key = row.optionalText(at: 0), served.contains(Array(key.utf8)) else { return }
                rows.append(
                    CatalogueRow(
                        key: key, payload: row.withBytes(at: 1) { Array($0 ?? .init(start: nil, count: 0)) },
                        isJSON: row.boolean(at: 3), fileName: row.text(at: 4)))
            }
            return CatalogueBaseline(rows: rows, largest: Int(try snapshots.largest(since: since)))
        }
    }

    package func unmergedSnapshots(of catalogue: Catalogue) throws -> [Int64] {
        try reading(catalogue) { try $0.unmerged() }
    }

    package func heldSnapshot(of catalogue: Catalogue) throws -> HeldSnapshot? {
        try reading(catalogue) { try $0.held() }
    }

    package func merge(_ snapshot: Int64, of catalogue: Catalogue, timeZone: RetailTimeZone) throws -> MergeCounts {
        FaultPoint.mergeWrite.before()
        let counts = try writing { connection in
            let snapshots = PostgreSQLStoredSnapshots(connection, catalogue)
            // Somebody else was faster: going back would make a version of what is over.
            if let merged = try snapshots.merged(), snapshot < merged { return MergeCounts() }
            var merge = PostgreSQLCatalogueMerge(
                snapshots, snapshot: snapshot, served: try presentKeys(of: snapshot, snapshots).bytes,
                codeVersion: codeVersion, now: warehouse.clock())
            try merge.run(parser: CatalogueParser(timeZone: timeZone))
            FaultPoint.mergeWrite.after()
            FaultPoint.mergeCommit.before()
            return merge.counts
        }
        FaultPoint.mergeCommit.after()
        return counts
    }

    private func presentKeys(of snapshot: Int64, _ snapshots: PostgreSQLStoredSnapshots) throws -> CatalogueKeys {
        if let keys = try snapshots.keys(of: snapshot) { return keys }
        // Without its keys every row would count as vanished.
        throw WarehouseError(
            code: .damaged, what: "the keys of \(snapshots.catalogue.rawValue) snapshot \(snapshot) are not there",
            place: "\(warehouse.place), raw.snapshots",
            remedy: "restore the database from a backup, or read the catalogue again: retailflow batch")
    }

    private func reading<Result>(
        _ catalogue: Catalogue, _ body: (PostgreSQLStoredSnapshots) throws -> Result
    ) throws -> Result {
        try warehouse.session { connection in
            try connection.snapshot { try body(PostgreSQLStoredSnapshots(connection, catalogue)) }
        }
    }

    private func writing<Result>(_ body: (Connection) throws -> Result) throws -> Result {
        try warehouse.session { connection in
            try connection.transaction(attempts: 3) {
                try connection.query("SELECT pg_advisory_xact_lock($1)", [PostgreSQLCatalogueStore.lock])
                return try body(connection)
            }
        }
    }
}
