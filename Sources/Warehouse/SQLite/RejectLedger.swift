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
    private let states: RejectStates
    let withdrawal: SaleWithdrawal
    private let present: Statement
    private let insert: Statement
    private let update: Statement
    private let noteTry: Statement
    private let insertPosition: Statement
    private let nextOffset: Statement
    private let rejectAtPosition: Statement
    private let deletePosition: Statement
    private let positionsLeft: Statement
    private let delete: Statement

    init(_ database: Database, codeVersion: String) throws(SQLiteError) {
        self.database = database
        self.codeVersion = codeVersion
        hasAny = try database.integer("SELECT 1 FROM ods.sales_rejects LIMIT 1") != nil
        states = try RejectStates(database)
        withdrawal = try SaleWithdrawal(database)
        present = try database.prepare(
            "SELECT reject_id, version, reasons, sale_id FROM ods.sales_rejects WHERE content_hash = ?1")
        insert = try database.prepare(
            """
            INSERT INTO ods.sales_rejects (content_hash, sale_id, version, state, reasons, payload, code_version,
                                           SYS_DATE_CREATE)
            VALUES (?1, ?2, ?3, 'open', ?4, ?5, ?6, ?7)
            """)
        update = try database.prepare(
            "UPDATE ods.sales_rejects SET version = ?2, reasons = ?3, code_version = ?4, sale_id = ?5 WHERE reject_id = ?1"
        )
        noteTry = try database.prepare(
            """
            UPDATE ods.sales_rejects SET tries = tries + 1, last_tried = ?2, tried_version = ?3
            WHERE reject_id = ?1 AND last_tried IS NOT ?2
            """)
        insertPosition = try database.prepare(
            """
            INSERT INTO ods.sales_reject_positions (log, partition, offset, reject_id, version, SYS_FILE_NAME,
                                                    SYS_DATE_CREATE)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING
            """)
        nextOffset = try database.prepare("SELECT next_offset FROM ods.offsets WHERE log = ?1 AND partition = ?2")
        rejectAtPosition = try database.prepare(
            """
            SELECT reject_id, reject.sale_id
            FROM ods.sales_reject_positions AS place JOIN ods.sales_rejects AS reject USING (reject_id)
            WHERE place.log = ?1 AND place.partition = ?2 AND place.offset = ?3
            """)
        deletePosition = try database.prepare(
            "DELETE FROM ods.sales_reject_positions WHERE log = ?1 AND partition = ?2 AND offset = ?3")
        positionsLeft = try database.prepare(
            "SELECT max(version) FROM ods.sales_reject_positions WHERE reject_id = ?1")
        delete = try database.prepare("DELETE FROM ods.sales_rejects WHERE reject_id = ?1")
    }

    /// Notes a batch's refused records, before its offsets are raised.
    func add(_ batch: IngestBatch, now: String, counts: inout OdsCounts) throws {
        var nameless: [Int32: [IncomingRecord]] = [:]
        for refusal in batch.sales.refusals {
            let record = batch.records[Int(refusal.record)]
            let (reject, isNew) = try addContent(refusal, of: record, now: now)
            if isNew { counts.newRejects += 1 } else { counts.knownRejects += 1 }
            let isNewPlace = try addPlace(of: record, reject: reject, log: batch.log, now: now)
            if let moment = batch.retriedAt { try note(tryOf: reject, at: moment) }
            if let sale = refusal.saleID {
                if try withdrawal.withdraw(sale: sale, decidedBy: record, log: batch.log) { counts.withdrawn += 1 }
                try states.settle(sale: sale)
            } else if isNewPlace {
                // A record read before that was no reject was a sale, which it no longer names.
                if try wasRead(record, log: batch.log) { nameless[record.partition, default: []].append(record) }
            }
        }
        for (partition, records) in nameless {
            let sales = try withdrawal.sales(decidedAt: records.map(\.offset), log: batch.log, partition: partition)
            for sale in sales {
                for record in records where try withdrawal.withdraw(sale: sale, decidedBy: record, log: batch.log) {
                    counts.withdrawn += 1
                }
                try states.settle(sale: sale)
            }
        }
    }

    /// After a valid record of a sale was written: a reject of that very record is gone (other code judged it anew),
    /// and the states of the sale's other rejects follow the versions. True when there was such a reject.
    func settle(validSale sale: Int64, record: IncomingRecord, log: Int64) throws -> Bool {
        guard hasAny else { return false }
        try withdrawal.noteReturn(of: sale)
        bindPlace(rejectAtPosition, record, log: log)
        let reject = try rejectAtPosition.step() ? rejectAtPosition.integer(at: 0) : nil
        let formerSale = reject == nil ? nil : rejectAtPosition.optionalInteger(at: 1)
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
        try states.settle(sale: sale)
        if let formerSale, formerSale != sale { try states.settle(sale: formerSale) }
        return reject != nil
    }

    /// How many of these contents were not refused before.
    func unknown(_ contentHashes: [Int64]) throws -> Int {
        try Set(contentHashes).count { try presentReject($0) == nil }
    }

    private func addContent(
        _ refusal: SaleBatch.Refusal, of record: IncomingRecord, now: String
    ) throws -> (reject: Int64, isNew: Bool) {
        hasAny = true
        let reasons = refusal.reasons.json
        guard let known = try presentReject(refusal.contentHash) else {
            insert.bind(refusal.contentHash, at: 1)
            insert.bind(refusal.saleID, at: 2)
            insert.bind(record.version, at: 3)
            try insert.bind(reasons, at: 4)
            insert.bindBorrowed(blob: record.payload, at: 5)
            try insert.bind(codeVersion, at: 6)
            try insert.bind(now, at: 7)
            try insert.run()
            return (database.lastInsertedRow, true)
        }
        if known.version < record.version || known.reasons != reasons {
            update.bind(known.id, at: 1)
            update.bind(max(known.version, record.version), at: 2)
            try update.bind(reasons, at: 3)
            try update.bind(codeVersion, at: 4)
            update.bind(refusal.saleID, at: 5)
            try update.run()
            if let sale = known.saleID, sale != refusal.saleID {
                try states.settle(sale: sale)
                if refusal.saleID == nil { try states.settle(rejectWithoutSale: known.id) }
            }
        }
        return (known.id, false)
    }

    /// True when the place was not known to hold a refused record.
    private func addPlace(of record: IncomingRecord, reject: Int64, log: Int64, now: String) throws -> Bool {
        bindPlace(insertPosition, record, log: log)
        insertPosition.bind(reject, at: 4)
        insertPosition.bind(record.version, at: 5)
        insertPosition.bindBorrowed(text: record.fileName, at: 6)
        try insertPosition.bind(now, at: 7)
        try insertPosition.run()
        return database.changes == 1
    }

    /// Counts a retry once a content, in however many records it comes.
    private func note(tryOf reject: Int64, at moment: Int64) throws {
        noteTry.bind(reject, at: 1)
        try noteTry.bind(Timestamp.text(ofMicroseconds: moment), at: 2)
        try noteTry.bind(codeVersion, at: 3)
        try noteTry.run()
    }

    private func wasRead(_ record: IncomingRecord, log: Int64) throws -> Bool {
        nextOffset.bind(log, at: 1)
        nextOffset.bind(Int64(record.partition), at: 2)
        defer { nextOffset.reset() }
        return try nextOffset.step() && record.offset < nextOffset.integer(at: 0)
    }

    private func presentReject(
        _ contentHash: Int64
    ) throws -> (id: Int64, version: Int64, reasons: String, saleID: Int64?)? {
        present.bind(contentHash, at: 1)
        defer { present.reset() }
        guard try present.step() else { return nil }
        return (present.integer(at: 0), present.integer(at: 1), present.text(at: 2), present.optionalInteger(at: 3))
    }

    private func bindPlace(_ statement: borrowing Statement, _ record: IncomingRecord, log: Int64) {
        statement.bind(log, at: 1)
        statement.bind(Int64(record.partition), at: 2)
        statement.bind(record.offset, at: 3)
    }
}
