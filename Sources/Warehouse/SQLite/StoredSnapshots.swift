internal import SQLite

/// Reads one catalogue's snapshots from raw: which are believed, and what each of them held.
struct StoredSnapshots {
    let database: Database
    let catalogue: Catalogue

    /// Whether a row `snapshot` of `raw.snapshots` is believed.
    private static let isBelieved = """
        (snapshot.objection IS NULL
         OR EXISTS (SELECT 1 FROM raw.accepted_snapshots AS accepted
                    WHERE accepted.snapshot_id = snapshot.snapshot_id))
        """

    private var table: String { "raw.\(catalogue.rawValue)" }
    private var endpoint: String { "snapshot.endpoint = '\(catalogue.rawValue)'" }

    /// The snapshot that ods was merged from; nil before the first one.
    func merged() throws(SQLiteError) -> Int64? {
        try database.integer(
            "SELECT snapshot_id FROM ods.catalogue_state WHERE endpoint = '\(catalogue.rawValue)'")
    }

    func lastBelieved() throws(SQLiteError) -> Int64? {
        try database.integer(
            """
            SELECT max(snapshot.snapshot_id) FROM raw.snapshots AS snapshot
            WHERE \(endpoint) AND \(StoredSnapshots.isBelieved)
            """)
    }

    /// The most keys of a believed snapshot since a time, and since the last that was accepted: who accepts a shrunk
    /// catalogue does not want to be asked again tomorrow.
    func largest(since: Int64) throws(SQLiteError) -> Int64 {
        let statement = try database.prepare(
            """
            SELECT max(json_array_length(ifnull(snapshot.keys, named.keys)))
            FROM raw.snapshots AS snapshot LEFT JOIN raw.snapshots AS named ON named.snapshot_id = snapshot.keys_as
            WHERE \(endpoint) AND \(StoredSnapshots.isBelieved) AND snapshot.answered_at >= ?1
              AND snapshot.snapshot_id >= (SELECT ifnull(max(accepted.snapshot_id), 0)
                                           FROM raw.accepted_snapshots AS accepted
                                           JOIN raw.snapshots AS snapshot USING (snapshot_id) WHERE \(endpoint))
            """)
        statement.bind(since, at: 1)
        return try statement.step() ? statement.integer(at: 0) : 0
    }

    /// The keys of a snapshot; nil when they are not there.
    func keys(of snapshot: Int64) throws -> CatalogueKeys? {
        try database.text(
            """
            SELECT ifnull(snapshot.keys, named.keys) FROM raw.snapshots AS snapshot
            LEFT JOIN raw.snapshots AS named ON named.snapshot_id = snapshot.keys_as
            WHERE snapshot.snapshot_id = \(snapshot) AND \(endpoint)
            """
        ).map { try CatalogueKeys(json: $0) }
    }

    /// Every row as of a snapshot, with those whose key it does not hold any more: key, payload, payload_hash, is_json,
    /// SYS_FILE_NAME. Of the rows without a key, those that came with it.
    func rows(asOf snapshot: Int64) throws(SQLiteError) -> Statement {
        let rows = try database.prepare(
            """
            SELECT key, payload, payload_hash, is_json, SYS_FILE_NAME FROM \(table)
            WHERE record_id IN (SELECT max(record_id) FROM \(table)
                                WHERE snapshot_id <= ?1 AND key IS NOT NULL GROUP BY key)
               OR (key IS NULL AND snapshot_id = ?1)
            """)
        rows.bind(snapshot, at: 1)
        return rows
    }

    /// Whether two snapshots hold other keys or other rows. The later one may have brought back what one between them
    /// had changed, and leave out what that one had added.
    func differ(_ earlier: Int64, _ later: Int64) throws(SQLiteError) -> Bool {
        let statement = try database.prepare(
            """
            SELECT (SELECT keys_digest FROM raw.snapshots WHERE snapshot_id = ?1)
                       IS NOT (SELECT keys_digest FROM raw.snapshots WHERE snapshot_id = ?2)
                OR EXISTS (
                    SELECT 1 FROM \(table) AS row
                    WHERE row.snapshot_id > ?1 AND row.snapshot_id <= ?2
                      AND CASE WHEN row.key IS NULL THEN row.snapshot_id = ?2
                               ELSE row.key IN (SELECT served.value FROM raw.snapshots AS snapshot
                                                LEFT JOIN raw.snapshots AS named
                                                    ON named.snapshot_id = snapshot.keys_as,
                                                    json_each(ifnull(snapshot.keys, named.keys)) AS served
                                                WHERE snapshot.snapshot_id = ?2)
                                    AND row.record_id = (SELECT max(record_id) FROM \(table)
                                                     WHERE key = row.key AND snapshot_id <= ?2)
                                    AND row.payload_hash IS NOT (SELECT payload_hash FROM \(table)
                                                                 WHERE key = row.key AND snapshot_id <= ?1
                                                                 ORDER BY record_id DESC LIMIT 1) END)
            """)
        statement.bind(earlier, at: 1)
        statement.bind(later, at: 2)
        return try statement.step() && statement.integer(at: 0) != 0
    }

    /// The believed snapshots behind the merged one, in order, each of which holds something else than the one before.
    func unmerged() throws -> [Int64] {
        let state = try merged()
        let changing = try database.prepare("SELECT DISTINCT snapshot_id FROM \(table) WHERE snapshot_id > ?1")
        changing.bind(state ?? 0, at: 1)
        var bringRows: Set<Int64> = []
        while try changing.step() { bringRows.insert(changing.integer(at: 0)) }
        let rows = try database.prepare(
            """
            SELECT snapshot.snapshot_id, snapshot.keys_digest, \(StoredSnapshots.isBelieved)
            FROM raw.snapshots AS snapshot WHERE \(endpoint) AND snapshot.snapshot_id >= ?1
            ORDER BY snapshot.snapshot_id
            """)
        rows.bind(state ?? 0, at: 1)
        var kept: [UnmergedSnapshots.Kept] = []
        while try rows.step() {
            kept.append(
                UnmergedSnapshots.Kept(
                    snapshot: rows.integer(at: 0), keysDigest: rows.integer(at: 1),
                    isBelieved: rows.integer(at: 2) != 0))
        }
        return try UnmergedSnapshots.find(behind: state, among: kept, bringRows: bringRows, differ: differ)
    }

    /// The newest snapshot, when it is not believed.
    func held() throws(SQLiteError) -> HeldSnapshot? {
        let newest = try database.prepare(
            """
            SELECT snapshot.snapshot_id, snapshot.row_count, snapshot.answered_at, snapshot.objection
            FROM raw.snapshots AS snapshot
            WHERE snapshot.snapshot_id = (SELECT max(snapshot_id) FROM raw.snapshots AS snapshot WHERE \(endpoint))
              AND NOT \(StoredSnapshots.isBelieved)
            """)
        guard try newest.step() else { return nil }
        return HeldSnapshot(
            catalogue: catalogue.rawValue, snapshot: newest.integer(at: 0), rows: newest.integer(at: 1),
            answered: Timestamp.text(ofMicroseconds: newest.integer(at: 2)), objection: newest.text(at: 3))
    }
}
