internal import PostgreSQL

/// Reads one catalogue's snapshots from raw: which are believed, and what each of them held.
struct PostgreSQLStoredSnapshots {
    /// Whether a row `snapshot` of `raw.snapshots` is believed.
    private static let isBelieved = """
        (snapshot.objection IS NULL
         OR EXISTS (SELECT 1 FROM raw.accepted_snapshots AS accepted
                    WHERE accepted.snapshot_id = snapshot.snapshot_id))
        """

    /// A snapshot with that which names its keys.
    private static let withKeys = """
        raw.snapshots AS snapshot LEFT JOIN raw.snapshots AS named ON named.snapshot_id = snapshot.keys_as
        """

    let connection: Connection
    let catalogue: Catalogue

    private var table: String { "raw.\(catalogue.rawValue)" }
    private var endpoint: Parameter { .text(catalogue.rawValue) }

    init(_ connection: Connection, _ catalogue: Catalogue) {
        self.connection = connection
        self.catalogue = catalogue
    }

    /// The snapshot that ods was merged from; nil before the first one.
    func merged() throws(PostgreSQLError) -> Int64? {
        try connection.query("SELECT snapshot_id FROM ods.catalogue_state WHERE endpoint = $1", [endpoint])
            .first?.integer(at: 0)
    }

    func lastBelieved() throws(PostgreSQLError) -> Int64? {
        try connection.query(
            """
            SELECT max(snapshot.snapshot_id) FROM raw.snapshots AS snapshot
            WHERE snapshot.endpoint = $1 AND \(PostgreSQLStoredSnapshots.isBelieved)
            """, [endpoint])[0].optionalInteger(at: 0)
    }

    /// The most keys of a believed snapshot since a time, and since the last that was accepted: who accepts a shrunk
    /// catalogue does not want to be asked again tomorrow.
    func largest(since: Int64) throws(PostgreSQLError) -> Int64 {
        try connection.query(
            """
            SELECT max(json_array_length(coalesce(snapshot.keys, named.keys)))
            FROM \(PostgreSQLStoredSnapshots.withKeys)
            WHERE snapshot.endpoint = $1 AND \(PostgreSQLStoredSnapshots.isBelieved) AND snapshot.answered_at >= $2
              AND snapshot.snapshot_id >= (SELECT coalesce(max(snapshot_id), 0)
                                           FROM raw.accepted_snapshots JOIN raw.snapshots USING (snapshot_id)
                                           WHERE endpoint = $1)
            """, [endpoint, .integer(since)])[0].optionalInteger(at: 0) ?? 0
    }

    /// The keys of a snapshot; nil when they are not there.
    func keys(of snapshot: Int64) throws -> CatalogueKeys? {
        try connection.query(
            """
            SELECT coalesce(snapshot.keys, named.keys)::text FROM \(PostgreSQLStoredSnapshots.withKeys)
            WHERE snapshot.snapshot_id = $2 AND snapshot.endpoint = $1
            """, [endpoint, .integer(snapshot)]
        ).first?.optionalText(at: 0).map { try CatalogueKeys(json: $0) }
    }

    /// When the API had answered a snapshot, in microseconds of UTC.
    func answeredAt(of snapshot: Int64) throws(PostgreSQLError) -> Int64 {
        try connection.query("SELECT answered_at FROM raw.snapshots WHERE snapshot_id = $1", [.integer(snapshot)])
            .first?.integer(at: 0) ?? 0
    }

    /// Hands over every row as of a snapshot, with those whose key it does not hold any more: key, payload, payload_hash,
    /// is_json, SYS_FILE_NAME. Of the rows without a key, those that came with it.
    func forEachRow(asOf snapshot: Int64, _ body: (Row) throws -> Void) throws {
        try connection.forEachRow(
            """
            SELECT key, payload, payload_hash, is_json, SYS_FILE_NAME FROM \(table)
            WHERE record_id IN (SELECT max(record_id) FROM \(table)
                                WHERE snapshot_id <= $1 AND key IS NOT NULL GROUP BY key)
               OR (key IS NULL AND snapshot_id = $1)
            ORDER BY record_id
            """, [.integer(snapshot)], body)
    }

    /// Whether two snapshots hold other keys or other rows. The later one may have brought back what one between them
    /// had changed, and leave out what that one had added.
    func differ(_ earlier: Int64, _ later: Int64) throws -> Bool {
        let served = try keys(of: later)?.keys ?? []
        return try connection.query(
            """
            SELECT (SELECT keys_digest FROM raw.snapshots WHERE snapshot_id = $1)
                       IS DISTINCT FROM (SELECT keys_digest FROM raw.snapshots WHERE snapshot_id = $2)
                OR EXISTS (
                    SELECT 1 FROM \(table) AS row
                    WHERE row.snapshot_id > $1 AND row.snapshot_id <= $2
                      AND CASE WHEN row.key IS NULL THEN row.snapshot_id = $2
                               ELSE row.key = ANY($3)
                                    AND row.record_id = (SELECT max(record_id) FROM \(table) AS same
                                                         WHERE same.key = row.key AND same.snapshot_id <= $2)
                                    AND row.payload_hash IS DISTINCT FROM
                                        (SELECT payload_hash FROM \(table) AS same
                                         WHERE same.key = row.key AND same.snapshot_id <= $1
                                         ORDER BY record_id DESC LIMIT 1) END)
            """, [.integer(earlier), .integer(later), .texts(served)])[0].boolean(at: 0)
    }

    /// The believed snapshots behind the merged one, in order, each of which holds something else than the one before.
    func unmerged() throws -> [Int64] {
        let state = try merged()
        let since = Parameter.integer(state ?? 0)
        let bringRows = try connection.query(
            "SELECT DISTINCT snapshot_id FROM \(table) WHERE snapshot_id > $1", [since])
        let kept = try connection.query(
            """
            SELECT snapshot.snapshot_id, snapshot.keys_digest, \(PostgreSQLStoredSnapshots.isBelieved)
            FROM raw.snapshots AS snapshot WHERE snapshot.endpoint = $1 AND snapshot.snapshot_id >= $2
            ORDER BY snapshot.snapshot_id
            """, [endpoint, since])
        return try UnmergedSnapshots.find(
            behind: state,
            among: kept.map { row in
                UnmergedSnapshots.Kept(
                    snapshot: row.integer(at: 0), keysDigest: row.integer(at: 1), isBelieved: row.boolean(at: 2))
            },
            bringRows: Set(bringRows.map { $0.integer(at: 0) }), differ: differ)
    }

    /// The newest snapshot, when it is not believed.
    func held() throws(PostgreSQLError) -> HeldSnapshot? {
        try connection.query(
            """
            SELECT snapshot.snapshot_id, snapshot.row_count, snapshot.answered_at, snapshot.objection
            FROM raw.snapshots AS snapshot
            WHERE snapshot.snapshot_id = (SELECT max(snapshot_id) FROM raw.snapshots WHERE endpoint = $1)
              AND NOT \(PostgreSQLStoredSnapshots.isBelieved)
            """, [endpoint]
        ).first.map { row in
            HeldSnapshot(
                catalogue: catalogue.rawValue, snapshot: row.integer(at: 0), rows: row.integer(at: 1),
                answered: Timestamp.text(ofMicroseconds: row.integer(at: 2)), objection: row.text(at: 3))
        }
    }
}
