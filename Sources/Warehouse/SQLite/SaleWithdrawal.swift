internal import SQLite

/// Takes rows of `ods.sales` away whose deciding record is refused by the present code.
///
/// The revision of a row that went is kept: one that returns goes on counting from there, or a mart that was built from
/// the old row could take the new one for it.
final class SaleWithdrawal {
    private let database: Database
    /// Whether any row went and has not returned: without one, a valid sale costs no look-up here.
    private var hasAny: Bool
    private let keepRevision: Statement
    private let deleteSale: Statement
    private let deleteLines: Statement
    private let decidedAt: Statement
    private let returnRevision: Statement
    private let forgetRevision: Statement
    private let forgetReturned: Statement

    init(_ database: Database) throws(SQLiteError) {
        self.database = database
        hasAny = try database.integer("SELECT 1 FROM ods.withdrawn_sales LIMIT 1") != nil
        keepRevision = try database.prepare(
            """
            INSERT OR REPLACE INTO ods.withdrawn_sales (sale_id, revision, is_searched)
            SELECT id, revision, 0 FROM ods.sales
            WHERE id = ?1 AND log = ?2 AND partition = ?3 AND offset = ?4
            """)
        deleteSale = try database.prepare("DELETE FROM ods.sales WHERE id = ?1")
        deleteLines = try database.prepare("DELETE FROM ods.sales_items WHERE sale_id = ?1")
        decidedAt = try database.prepare(
            """
            SELECT id FROM ods.sales WHERE log = ?1 AND partition = ?2
            AND offset IN (SELECT value FROM json_each(?3))
            """)
        returnRevision = try database.prepare(
            """
            UPDATE ods.sales SET revision = sales.revision + withdrawn.revision
            FROM ods.withdrawn_sales AS withdrawn WHERE sales.id = ?1 AND withdrawn.sale_id = ?1
            """)
        forgetRevision = try database.prepare("UPDATE ods.withdrawn_sales SET revision = 0 WHERE sale_id = ?1")
        forgetReturned = try database.prepare(
            "DELETE FROM ods.withdrawn_sales WHERE sale_id = ?1 AND is_searched AND revision = 0")
    }

    /// Takes the sale's row away if this record decided it; true when it did.
    func withdraw(sale: Int64, decidedBy record: IncomingRecord, log: Int64) throws -> Bool {
        keepRevision.bind(sale, at: 1)
        keepRevision.bind(log, at: 2)
        keepRevision.bind(Int64(record.partition), at: 3)
        keepRevision.bind(record.offset, at: 4)
        try keepRevision.run()
        guard database.changes == 1 else { return false }
        hasAny = true
        deleteSale.bind(sale, at: 1)
        try deleteSale.run()
        deleteLines.bind(sale, at: 1)
        try deleteLines.run()
        return true
    }

    /// The sales whose rows were decided by records at these offsets. Reads the whole table: for records that no longer
    /// tell which sale they are.
    func sales(decidedAt offsets: [Int64], log: Int64, partition: Int32) throws -> [Int64] {
        decidedAt.bind(log, at: 1)
        decidedAt.bind(Int64(partition), at: 2)
        try decidedAt.bind("[" + offsets.map(String.init).joined(separator: ",") + "]", at: 3)
        var sales: [Int64] = []
        while try decidedAt.step() { sales.append(decidedAt.integer(at: 0)) }
        return sales
    }

    /// The sales whose rows went, of which none has looked yet what else raw has of them. Also of those that returned:
    /// the first content that is found need not be the newest.
    func unsearched() throws -> [Int64] {
        let statement = try database.prepare("SELECT sale_id FROM ods.withdrawn_sales WHERE NOT is_searched")
        var sales: [Int64] = []
        while try statement.step() { sales.append(statement.integer(at: 0)) }
        return sales
    }

    func noteSearched(_ sales: [Int64]) throws {
        let statement = try database.prepare("UPDATE ods.withdrawn_sales SET is_searched = 1 WHERE sale_id = ?1")
        for sale in sales {
            statement.bind(sale, at: 1)
            try statement.run()
            try forgetIfReturned(sale)
        }
    }

    private func forgetIfReturned(_ sale: Int64) throws {
        forgetReturned.bind(sale, at: 1)
        try forgetReturned.run()
    }

    /// After a row was written: if it is one that went before, its revision goes on from the old one.
    func noteReturn(of sale: Int64) throws {
        guard hasAny else { return }
        returnRevision.bind(sale, at: 1)
        try returnRevision.run()
        guard database.changes == 1 else { return }
        forgetRevision.bind(sale, at: 1)
        try forgetRevision.run()
        try forgetIfReturned(sale)
    }
}
