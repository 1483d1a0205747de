internal import Retail
internal import SQLite

/// Writes one product or customer into ods when its content is another than what is there, and its history with it.
final class CatalogueUpsert {
    enum Outcome { case inserted, changed, unchanged, returned }

    private let table: String
    private let now: String
    private let snapshot: Int64
    private let history: CatalogueHistory
    private let present: Statement
    private let reopen: Statement
    private let close: Statement
    private let write: Statement

    /// - Parameters:
    ///   - answeredAt: when the API had answered the snapshot, in microseconds of UTC.
    ///   - catalogueVersion: noted with each version that begins.
    init(
        _ database: Database, catalogue: Catalogue, snapshot: Int64, answeredAt: Int64, catalogueVersion: Int64,
        now: String
    ) throws(SQLiteError) {
        table = catalogue.rawValue
        self.now = now
        self.snapshot = snapshot
        let (key, values) = (catalogue.keyColumn, catalogue.valueColumns)
        history = try CatalogueHistory(
            database, catalogue: catalogue, snapshot: snapshot, answeredAt: answeredAt,
            catalogueVersion: catalogueVersion, now: now)
        present = try database.prepare(
            "SELECT content_hash, SYS_DATE_DELETE IS NOT NULL FROM ods.\(table) WHERE \(key) = ?1")
        reopen = try database.prepare("UPDATE ods.\(table) SET SYS_DATE_DELETE = NULL WHERE \(key) = ?1")
        close = try database.prepare("UPDATE ods.\(table) SET SYS_DATE_DELETE = ?2 WHERE \(key) = ?1")
        // Parameters: 1 key, 2 content hash, 3 snapshot, 4 file name, 5 now, then the values.
        let numbered = values.indices.map { "?\($0 + 6)" }.joined(separator: ", ")
        let assigned = values.map { "\($0) = excluded.\($0)" }.joined(separator: ", ")
        write = try database.prepare(
            """
            INSERT INTO ods.\(table) (\(key), content_hash, snapshot_id, SYS_FILE_NAME, SYS_DATE_CREATE,
                                      SYS_DATE_UPDATE, \(values.joined(separator: ", ")))
            VALUES (?1, ?2, ?3, ?4, ?5, ?5, \(numbered))
            ON CONFLICT (\(key)) DO UPDATE SET content_hash = excluded.content_hash,
                snapshot_id = excluded.snapshot_id, SYS_FILE_NAME = excluded.SYS_FILE_NAME,
                SYS_DATE_UPDATE = excluded.SYS_DATE_UPDATE, SYS_DATE_DELETE = NULL, \(assigned)
            """)
    }

    func write(_ product: Product, fileName: String) throws -> Outcome {
        try write(
            key: product.sku, contentHash: product.contentHash, updatedAt: product.updatedAt, fileName: fileName
        ) { statement in
            try statement.bind(product.description, at: 6)
            statement.bind(product.unitAmount.units, at: 7)
            try statement.bind(product.supplier, at: 8)
            statement.bind(product.updatedAt, at: 9)
        }
    }

    func write(_ customer: Customer, fileName: String) throws -> Outcome {
        try write(
            key: customer.customerID, contentHash: customer.contentHash, updatedAt: nil, fileName: fileName
        ) { statement in
            try statement.bind(customer.emails.json, at: 6)
            try statement.bind(customer.phoneNumbers.json, at: 7)
        }
    }

    private func write(
        key: String, contentHash: Int64, updatedAt: Int64?, fileName: String,
        bindValues: (borrowing Statement) throws -> Void
    ) throws -> Outcome {
        try present.bind(key, at: 1)
        let known: (hash: Int64, isClosed: Bool)? =
            try present.step() ? (present.integer(at: 0), present.integer(at: 1) != 0) : nil
        present.reset()
        if let known, known.hash == contentHash, !known.isClosed { return .unchanged }
        try history.begin(
            key: key, contentHash: contentHash, updatedAt: updatedAt, fileName: fileName, bindValues: bindValues)
        if let known, known.hash == contentHash {
            try reopen.bind(key, at: 1)
            try reopen.run()
            return .returned
        }
        try write.bind(key, at: 1)
        write.bind(contentHash, at: 2)
        write.bind(snapshot, at: 3)
        try write.bind(fileName, at: 4)
        try write.bind(now, at: 5)
        try bindValues(write)
        try write.run()
        guard let known else { return .inserted }
        return known.isClosed ? .returned : .changed
    }

    /// Closes a row that is not served any more; nothing is deleted.
    func vanish(key: String) throws {
        try history.end(key: key)
        try close.bind(key, at: 1)
        try close.bind(now, at: 2)
        try close.run()
    }
}
