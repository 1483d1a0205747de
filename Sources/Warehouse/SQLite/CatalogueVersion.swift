internal import SQLite

/// Which catalogues ods holds, in one number that every merge raises which changes anything, and that only merges raise.
enum CatalogueVersion {
    /// As the connection sees it now.
    static func read(_ database: Database) throws(SQLiteError) -> Int64 {
        try database.integer("SELECT version FROM ods.catalogue_version") ?? 0
    }
}
