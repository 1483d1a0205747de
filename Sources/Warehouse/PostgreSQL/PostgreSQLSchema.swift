internal import PostgreSQL

/// The schemas `raw`, `ods`, `dmt` and `ops` of a database, as a row of forward migrations.
enum PostgreSQLSchema {
    static let names = ["raw", "ods", "dmt", "ops"]

    /// Migration `n` brings the database from version `n` to `n + 1`. Released entries never change.
    static let migrations = [raw + ods + dmt + ops]

    /// The newest version that this program knows.
    static var version: Int64 { Int64(migrations.count) }

    /// Which lock two processes meet at that make or migrate the same warehouse.
    private static let lock: Int64 = 0x5246_4C57_0001

    /// Makes sure that the database is ours and of this program's version, creating or migrating its tables.
    ///
    /// - Throws: `WarehouseError.newerSchema`, `.notAWarehouse`; `PostgreSQLError`.
    static func migrate(_ connection: Connection, place: String) throws {
        guard try needsMigration(connection, place: place) else { return }
        try connection.transaction(attempts: 3) {
            // Another process may have come first, also one of a newer release: looked at again under the lock.
            try connection.query("SELECT pg_advisory_xact_lock($1)", [.integer(lock)])
            guard try needsMigration(connection, place: place) else { return }
            let present = try presentVersion(connection) ?? 0
            if present == 0 {
                try connection.execute(names.map { "CREATE SCHEMA IF NOT EXISTS \($0);" }.joined() + bookOfVersions)
            }
            for (number, migration) in migrations.enumerated().dropFirst(Int(present)) {
                try connection.execute(migration)
                try connection.query(
                    "INSERT INTO ops.schema_version (version) VALUES ($1)", [.integer(Int64(number + 1))])
            }
            try connection.execute(privileges)
        }
    }

    /// Whether the database is empty or of an older release. Changes nothing.
    ///
    /// - Throws: `WarehouseError.newerSchema`, `.notAWarehouse`.
    static func needsMigration(_ connection: Connection, place: String) throws -> Bool {
        if let present = try presentVersion(connection) {
            if present > version {
                throw WarehouseError(
                    code: .newerSchema,
                    what: "the database has schema version \(present), this program knows up to \(version)",
                    place: place, remedy: "use the newer program that wrote it; nothing was changed")
            }
            return present < version
        }
        let encoding = try connection.query("SHOW server_encoding")[0].text(at: 0)
        let tables = try connection.query(
            """
            SELECT count(*) FROM pg_class AS relation JOIN pg_namespace AS schema ON schema.oid = relnamespace
            WHERE nspname = ANY($1)
            """, [.texts(names)])[0].integer(at: 0)
        if encoding != "UTF8" || tables > 0 {
            throw WarehouseError(
                code: .notAWarehouse,
                what: tables > 0
                    ? "one of the schemas raw, ods, dmt, ops holds tables of another program"
                    : "the database's encoding is \(encoding), not UTF8",
                place: place, remedy: "point warehouse.url at a database of RetailFlow's own; nothing was changed")
        }
        return true
    }

    /// Whether the database holds tables of ours, of whatever release.
    static func isPresent(_ connection: Connection) throws -> Bool { try presentVersion(connection) ?? 0 > 0 }

    private static func presentVersion(_ connection: Connection) throws -> Int64? {
        // Asked of the catalogue first: a table that is missing would end a transaction.
        let book = try connection.query("SELECT to_regclass('ops.schema_version') IS NOT NULL")
        guard book[0].boolean(at: 0) else { return nil }
        return try connection.query("SELECT max(version) FROM ops.schema_version")[0].optionalInteger(at: 0) ?? 0
    }

    private static let bookOfVersions = PostgreSQLDefinition.table(
        "ops.schema_version", "The migrations that made these schemas.",
        [
            ("version", "bigint PRIMARY KEY", "The version that the schemas had after it."),
            ("SYS_DATE_CREATE", "timestamptz NOT NULL DEFAULT clock_timestamp()", "When it was run."),
        ])
}
