internal import PostgreSQL

/// Reads one catalogue's snapshots from raw: which are believed, and what each of them held.
struct PostgreSQLStoredSnapshots {
    /// Whether a row `snapshot` of `raw.snapshots` is believed.
    private static let isBelieved = """
        (snapshot.objection IS NULL
         OR EXISTS (SELECT 1 FROM raw.accepted_snapshots AS accepted
                    WHERE accepted.snapshot_id = snapshot.snapshot_id))
        """

    let connection: Connection
    let catalogue: Catalogue

    private var endpoint: Parameter { .text(catalogue.rawValue) }

    init(_ connection: Connection, _ catalogue: Catalogue) {
        self.connection = connection
        self.catalogue = catalogue
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
