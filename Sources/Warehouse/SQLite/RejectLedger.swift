internal import Retail
internal import SQLite

/// The refused records of `ods.sales_rejects`: one row per distinct content, its positions beside it.
///
/// Runs inside the transaction of whoever writes the sales, so that a record is in exactly one of both.
final class RejectLedger {
    private let database: Database
    private let codeVersion: String
    /// Whether there is any reject at all: without one, a valid sale costs no look-up here.
    private var hasAny: Bool
    private let present: Statement
    private let insert: Statement
    private let update: Statement
    private let insertPosition: Statement
    private let rejectAtPosition: Statement
    private let deletePosition: Statement
    private let positionsLeft: Statement
    private let delete: Statement
    private let ofSale: Statement
    private let setState: Statement
    private let validPlace: Statement
    private let deleteSaleAt: Statement
    private let deleteLines: Statement

    init(_ database: Database, codeVersion: String) throws(SQLiteError) {
        self.database = database
        self.codeVersion = codeVersion
        hasAny = try database.integer("SELECT 1 FROM ods.sales_rejects LIMIT 1") != nil
        present = try database.prepare(
            "SELECT reject_id, version, reasons FROM ods.sales_rejects WHERE content_hash = ?1")
        insert = try database.prepare(
            """
            INSERT INTO ods.sales_rejects (content_hash, sale_id, version, state, reasons, payload, code_version,
                                           SYS_DATE_CREATE)
            VALUES (?1, ?2, ?3, 'open', ?4, ?5, ?6, ?7)
            """)
        update = try database.prepare(
            "UPDATE ods.sales_rejects SET version = ?2, reasons = ?3, code_version = ?4, sale_id = ?5 WHERE reject_id = ?1"
        )
        insertPosition = try database.prepare(
            """
            INSERT INTO ods.sales_reject_positions (log, partition, offset, reject_id, version, SYS_FILE_NAME)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING
            """)
        rejectAtPosition = try database.prepare(
            "SELECT reject_id FROM ods.sales_reject_positions WHERE log = ?1 AND partition = ?2 AND offset = ?3")
        deletePosition = try database.prepare(
            "DELETE FROM ods.sales_reject_positions WHERE log = ?1 AND partition = ?2 AND offset = ?3")
        positionsLeft = try database.prepare(
            "SELECT max(version) FROM ods.sales_reject_positions WHERE reject_id = ?1")
        delete = try database.prepare("DELETE FROM ods.sales_rejects WHERE reject_id = ?1")
        ofSale = try database.prepare(
            """
            SELECT reject.reject_id, reject.state, place.version, place.log, place.partition, place.offset
            FROM ods.sales_rejects AS reject JOIN ods.sales_reject_positions AS place USING (reject_id)
            WHERE reject.sale_id = ?1
            ORDER BY place.version DESC, place.log DESC, place.partition DESC, place.offset DESC
            """)
        setState = try database.prepare("UPDATE ods.sales_rejects SET state = ?2 WHERE reject_id = ?1")
        validPlace = try database.prepare("SELECT version, log, partition, offset FROM ods.sales WHERE id = ?1")
        deleteSaleAt = try database.prepare(
            "DELETE FROM ods.sales WHERE id = ?1 AND version = ?2 AND log = ?3 AND partition = ?4 AND offset = ?5")
        deleteLines = try database.prepare("DELETE FROM ods.sales_items WHERE sale_id = ?1")
    }

    /// Notes a refused record; true when its content was not refused before.
    func add(_ refusal: SaleBatch.Refusal, of record: IncomingRecord, log: Int64, now: String) throws -> Bool {
        hasAny = true
        let reasons = refusal.reasons.json
        let known = try presentReject(refusal.contentHash)
        let reject: Int64
        if let known {
            reject = known.id
            if known.version < record.version || known.reasons != reasons {
                update.bind(reject, at: 1)
                update.bind(max(known.version, record.version), at: 2)
                try update.bind(reasons, at: 3)
                try update.bind(codeVersion, at: 4)
                update.bind(refusal.saleID, at: 5)
                try update.run()
            }
        } else {
            insert.bind(refusal.contentHash, at: 1)
            insert.bind(refusal.saleID, at: 2)
            insert.bind(record.version, at: 3)
            try insert.bind(reasons, at: 4)
            insert.bindBorrowed(blob: record.payload, at: 5)
            try insert.bind(codeVersion, at: 6)
            try insert.bind(now, at: 7)
            try insert.run()
            reject = database.lastInsertedRow
        }
        bindPlace(insertPosition, record, log: log)
        insertPosition.bind(reject, at: 4)
        insertPosition.bind(record.version, at: 5)
        insertPosition.bindBorrowed(text: record.fileName, at: 6)
        try insertPosition.run()
        if let sale = refusal.saleID {
            try removeSaleJudgedAnew(sale, record: record, log: log)
            try settleStates(of: sale)
        }
        return known == nil
    }

    /// After a valid record of a sale was written: a reject of that very record is gone (other code judged it anew),
    /// and the states of the sale's other rejects follow the versions.
    func settle(validSale sale: Int64, record: IncomingRecord, log: Int64) throws {
        guard hasAny else { return }
        bindPlace(rejectAtPosition, record, log: log)
        let reject = try rejectAtPosition.step() ? rejectAtPosition.integer(at: 0) : nil
        rejectAtPosition.reset()
        if let reject {
            bindPlace(deletePosition, record, log: log)
            try deletePosition.run()
            positionsLeft.bind(reject, at: 1)
            let isLeft = try positionsLeft.step() && !positionsLeft.isNull(at: 0)
            positionsLeft.reset()
            if !isLeft {
                delete.bind(reject, at: 1)
                try delete.run()
            }
        }
        try settleStates(of: sale)
    }

    /// The record that decided a valid sale is refused by the present code: the row moves to the rejects.
    private func removeSaleJudgedAnew(_ sale: Int64, record: IncomingRecord, log: Int64) throws {
        deleteSaleAt.bind(sale, at: 1)
        deleteSaleAt.bind(record.version, at: 2)
        deleteSaleAt.bind(log, at: 3)
        deleteSaleAt.bind(Int64(record.partition), at: 4)
        deleteSaleAt.bind(record.offset, at: 5)
        try deleteSaleAt.run()
        if database.changes == 1 {
            deleteLines.bind(sale, at: 1)
            try deleteLines.run()
        }
    }

    /// Gives each reject of a sale the state that follows from the order of its records: by version, and where versions
    /// tie by where they lie, as for valid records.
    private func settleStates(of sale: Int64) throws {
        ofSale.bind(sale, at: 1)
        var found: [(id: Int64, state: String)] = []
        var seen: Set<Int64> = []
        var highest: RecordPlace?
        while try ofSale.step() {
            if highest == nil { highest = place(ofSale, firstColumn: 2) }
            let id = ofSale.integer(at: 0)
            if seen.insert(id).inserted { found.append((id, ofSale.text(at: 1))) }
        }
        guard let highest, let newest = found.first else { return }
        validPlace.bind(sale, at: 1)
        let valid = try validPlace.step() ? place(validPlace, firstColumn: 0) : nil
        validPlace.reset()
        // The ranks 0, 1 and 2 stand for versions, so that ties are decided.
        let verdict = SaleVerdict(
            validVersion: valid.map { _ in 1 }, refusedVersion: valid.map { highest < $0 ? 0 : 2 } ?? 2)
        for reject in found {
            let state = reject.id == newest.id ? verdict.rejectState ?? .superseded : .superseded
            guard state.rawValue != reject.state else { continue }
            setState.bind(reject.id, at: 1)
            try setState.bind(state.rawValue, at: 2)
            try setState.run()
        }
    }

    private func place(_ statement: borrowing Statement, firstColumn: Int32) -> RecordPlace {
        RecordPlace(
            version: statement.integer(at: firstColumn), log: statement.integer(at: firstColumn + 1),
            partition: Int32(statement.integer(at: firstColumn + 2)), offset: statement.integer(at: firstColumn + 3))
    }

    /// How many of these contents were not refused before.
    func unknown(_ contentHashes: [Int64]) throws -> Int {
        try Set(contentHashes).count { try presentReject($0) == nil }
    }

    private func presentReject(_ contentHash: Int64) throws -> (id: Int64, version: Int64, reasons: String)? {
        present.bind(contentHash, at: 1)
        defer { present.reset() }
        guard try present.step() else { return nil }
        return (present.integer(at: 0), present.integer(at: 1), present.text(at: 2))
    }

    private func bindPlace(_ statement: borrowing Statement, _ record: IncomingRecord, log: Int64) {
        statement.bind(log, at: 1)
        statement.bind(Int64(record.partition), at: 2)
        statement.bind(record.offset, at: 3)
    }
}
