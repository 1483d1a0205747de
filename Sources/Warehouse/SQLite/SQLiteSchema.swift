internal import SQLite

/// One file of a SQLite warehouse: its name, and its tables as a row of forward migrations.
struct SQLiteSchema: Sendable {
    /// The file's name without `.db`, and the name it is attached under.
    let name: String
    /// Migration `n` brings the file from schema version `n` to `n + 1`. Released entries never change.
    let migrations: [String]

    /// The newest schema version that this program knows.
    var version: Int64 { Int64(migrations.count) }

    /// `PRAGMA application_id` of every file of ours: "RFLW".
    static let applicationID: Int64 = 0x5246_4C57

    static let all = [raw, ods, dmt, ops]

    /// Makes sure that the attached file is ours and of this program's version, creating or migrating its tables.
    func migrate(_ database: Database, directory: String) throws {
        guard try database.snapshot({ try needsMigration(database, directory: directory) }) else { return }
        try database.execute("PRAGMA \(name).page_size = 8192")
        try useWriteAheadLog(database)
        try database.transaction {
            // Another process may have come first, also one of a newer release: looked at again under the lock.
            guard try needsMigration(database, directory: directory) else { return }
            let present = try database.integer("PRAGMA \(name).user_version") ?? 0
            for migration in migrations.dropFirst(Int(present)) { try database.execute(migration) }
            try database.execute("PRAGMA \(name).application_id = \(SQLiteSchema.applicationID)")
            try database.execute("PRAGMA \(name).user_version = \(version)")
        }
    }

    /// Unlike other statements this one does not wait while another process, making the same file, holds a lock; an
    /// empty transaction does.
    private func useWriteAheadLog(_ database: Database) throws(SQLiteError) {
        let change = "PRAGMA \(name).journal_mode = WAL"
        for _ in 0..<10 {
            do {
                return try database.execute(change)
            } catch {
                guard error.isRetriable else { throw error }
                try database.execute("BEGIN IMMEDIATE; COMMIT")
            }
        }
        try database.execute(change)
    }

    /// Whether the attached file is empty or of an older release. Changes nothing; to be asked within one transaction,
    /// because another process may be making the file.
    ///
    /// - Throws: `WarehouseError.newerSchema`, `.notAWarehouse`.
    func needsMigration(_ database: Database, directory: String) throws -> Bool {
        let place = "\(directory)/\(name).db"
        let application = try database.integer("PRAGMA \(name).application_id") ?? 0
        let present = try database.integer("PRAGMA \(name).user_version") ?? 0
        if application == SQLiteSchema.applicationID {
            if present > version {
                throw WarehouseError(
                    code: .newerSchema,
                    what: "the file has schema version \(present), this program knows up to \(version)",
                    place: place, remedy: "use the newer program that wrote it; nothing was changed")
            }
            return present < version
        }
        let tables = try database.integer("SELECT count(*) FROM \(name).sqlite_schema") ?? 0
        if application != 0 || present != 0 || tables > 0 {
            throw WarehouseError(
                code: .notAWarehouse, what: "the file is a database of another program", place: place,
                remedy: "point warehouse.url at a directory of RetailFlow's own; nothing was changed")
        }
        return true
    }
}
