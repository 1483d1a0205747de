internal import SQLite

/// Writes the versions of products or customers, inside the caller's transaction: slowly changing dimension type 2.
///
/// A version holds from `valid_from` until `valid_to`, in microseconds of UTC; the last one is open until the row
/// changes or vanishes.
final class CatalogueHistory {
    private let answeredAt: Int64
    private let now: String
    private let snapshot: Int64
    private let catalogueVersion: Int64
    private let last: Statement
    private let close: Statement
    private let succeed: Statement
    private let insert: Statement

    /// - Parameters:
    ///   - answeredAt: when the API had answered the snapshot: a change that says nothing else began then.
    ///   - catalogueVersion: noted with each version that begins.
    init(
        _ database: Database, catalogue: Catalogue, snapshot: Int64, answeredAt: Int64, catalogueVersion: Int64,
        now: String
    ) throws(SQLiteError) {
        self.answeredAt = answeredAt
        self.now = now
        self.snapshot = snapshot
        self.catalogueVersion = catalogueVersion
        let table = "ods.\(catalogue.rawValue)_history"
        let (key, values, hasPrices) = (catalogue.keyColumn, catalogue.valueColumns, catalogue.hasPrices)
        last = try database.prepare(
            "SELECT valid_from, valid_to FROM \(table) WHERE \(key) = ?1 ORDER BY valid_from DESC LIMIT 1")
        close = try database.prepare(
            "UPDATE \(table) SET valid_to = ?3, SYS_DATE_UPDATE = ?4 WHERE \(key) = ?1 AND valid_from = ?2")
        succeed = try database.prepare(
            """
            UPDATE \(table) SET valid_to = ifnull(valid_to, ?3)\(hasPrices ? ", price_to = ?3" : ""),
                SYS_DATE_UPDATE = ?4 WHERE \(key) = ?1 AND valid_from = ?2
            """)
        let numbered = values.indices.map { "?\($0 + 6)" }.joined(separator: ", ")
        insert = try database.prepare(
            """
            INSERT INTO \(table) (\(key), content_hash, snapshot_id, SYS_FILE_NAME, SYS_DATE_CREATE, SYS_DATE_UPDATE,
                                  \(values.joined(separator: ", ")), valid_from,
                                  catalogue_version\(hasPrices ? ", price_from, price_to" : ""))
            VALUES (?1, ?2, ?3, ?4, ?5, ?5, \(numbered), ?20, ?21\(hasPrices ? ", ?22, ?23" : ""))
            """)
    }

    /// Begins a version of a row that is new, has changed or is served again, and ends the one before.
    ///
    /// - Parameter bindValues: binds the columns of the row's content, from parameter 6 on.
    func begin(
        key: String, contentHash: Int64, updatedAt: Int64?, fileName: String,
        bindValues: (borrowing Statement) throws -> Void
    ) throws {
        let before = try lastVersion(of: key)
        let from = VersionPeriod.start(after: before, answeredAt: answeredAt, updatedAt: updatedAt)
        if let before {
            try succeed.bind(key, at: 1)
            succeed.bind(before.from, at: 2)
            succeed.bind(from, at: 3)
            try succeed.bind(now, at: 4)
            try succeed.run()
        }
        try insert.bind(key, at: 1)
        insert.bind(contentHash, at: 2)
        insert.bind(snapshot, at: 3)
        try insert.bind(fileName, at: 4)
        try insert.bind(now, at: 5)
        try bindValues(insert)
        insert.bind(from, at: 20)
        insert.bind(catalogueVersion, at: 21)
        // The earliest version reaches back, the last one ahead.
        insert.bind(before == nil ? Int64.min : from, at: 22)
        insert.bind(Int64.max, at: 23)
        try insert.run()
    }

    /// Ends the version of a row that is not served any more.
    func end(key: String) throws {
        guard let before = try lastVersion(of: key), before.to == nil else { return }
        try close.bind(key, at: 1)
        close.bind(before.from, at: 2)
        close.bind(before.end(answeredAt: answeredAt), at: 3)
        try close.bind(now, at: 4)
        try close.run()
    }

    private func lastVersion(of key: String) throws -> VersionPeriod? {
        try last.bind(key, at: 1)
        defer { last.reset() }
        guard try last.step() else { return nil }
        return VersionPeriod(from: last.integer(at: 0), to: last.optionalInteger(at: 1))
    }
}
