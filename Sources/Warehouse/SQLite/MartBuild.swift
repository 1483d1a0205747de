internal import FaultPoints
internal import Retail
internal import SQLite

/// One rebuild of the mart: fill the slot that nobody reads, catch up, audit, flip.
///
/// What ods sums up to is computed meanwhile, by a connection of its own. It stands for the audit when no sale has
/// changed since; where the stream went on, the audit sums up again, in the transaction that shows the generation.
final class MartBuild {
    private let database: Database
    private let auditor: MartAuditor
    private let slot: Int64
    private let clock: WallClock
    private let place: String
    private let insertLines: Statement
    private let insertRevisions: Statement
    private let deleteLines: Statement
    private let deleteRevisions: Statement

    /// A transaction of the rebuild holds the write lock of `dmt.db` about this long, so that others come between.
    private let microsecondsAimed: Int64 = 40_000

    init(
        _ database: Database, auditor: MartAuditor, slot: Int64, allowMissingCustomer: Bool,
        clock: @escaping WallClock, place: String
    ) throws(SQLiteError) {
        self.auditor = auditor
        self.database = database
        self.slot = slot
        self.clock = clock
        self.place = place
        insertLines = try database.prepare(
            "INSERT INTO dmt.mart_lines_\(slot) \(MartSQL.lines(allowMissingCustomer: allowMissingCustomer))")
        insertRevisions = try database.prepare(
            """
            INSERT INTO dmt.generation_sales_\(slot) (sale_id, revision)
            SELECT id, revision FROM ods.sales WHERE id BETWEEN ?1 AND ?2
            """)
        deleteLines = try database.prepare("DELETE FROM dmt.mart_lines_\(slot) WHERE sale_id = ?1")
        deleteRevisions = try database.prepare("DELETE FROM dmt.generation_sales_\(slot) WHERE sale_id = ?1")
    }

    func run(progress: (_ done: Int64, _ of: Int64) throws -> Void) throws -> MartReport {
        for table in ["mart_lines", "generation_sales"] {
            try database.execute("DELETE FROM dmt.\(table)_\(slot)")
        }
        let catalogues = try Catalogues(database)
        try fill(progress: progress)
        let (sold, built) = try FaultPoint.martAudit.around { try auditor.sums(slot: slot, beside: database) }
        let report = try database.transaction {
            // The stream may have changed sales that were built already, and a refresh what they refer to: those are
            // built again, in the transaction that shows the generation, so that what is shown is what ods holds at
            // this moment.
            var changed = Set(try changedSales())
            if try Catalogues(database) != catalogues { changed.formUnion(try catalogues.changedSales(database)) }
            for sale in changed.sorted() { try rebuildSale(sale) }
            let isAsAudited = changed.isEmpty && MartSums.difference(sold: sold, built: built) == nil
            let report = try flip(isAsAudited ? built : try audit())
            FaultPoint.flipCommit.before()
            return report
        }
        FaultPoint.flipCommit.after()
        return report
    }

    /// Builds all sales in ascending ranges, each in a transaction of its own.
    private func fill(progress: (_ done: Int64, _ of: Int64) throws -> Void) throws {
        let total = try database.integer("SELECT count(*) FROM ods.sales") ?? 0
        let rangeEnd = try database.prepare(
            """
            SELECT max(id), count(*) FROM (SELECT id FROM ods.sales WHERE id > ?1 ORDER BY id LIMIT ?2)
            """)
        var last = Int64.min
        var done: Int64 = 0
        var salesAimed: Int64 = 2_000
        while true {
            let started = clock()
            var count: Int64 = 0
            FaultPoint.martWrite.before()
            try database.transaction {
                rangeEnd.bind(last, at: 1)
                rangeEnd.bind(salesAimed, at: 2)
                guard try rangeEnd.step() else { return }
                let end = rangeEnd.optionalInteger(at: 0)
                count = rangeEnd.integer(at: 1)
                rangeEnd.reset()
                guard let end, count > 0 else { return }
                try insert(first: last + 1, last: end)
                last = end
                FaultPoint.martWrite.after()
                FaultPoint.martCommit.before()
            }
            FaultPoint.martCommit.after()
            if count == 0 { return }
            done += count
            try progress(done, total)
            let taken = max(1, clock() - started)
            salesAimed = min(max(salesAimed * microsecondsAimed / taken, 200, salesAimed / 2), salesAimed * 2, 50_000)
        }
    }

    private func insert(first: Int64, last: Int64) throws(SQLiteError) {
        insertLines.bind(first, at: 1)
        insertLines.bind(last, at: 2)
        try insertLines.run()
        insertRevisions.bind(first, at: 1)
        insertRevisions.bind(last, at: 2)
        try insertRevisions.run()
    }

    /// Sales whose revision in ods is not the one that the slot was built from, and sales that are gone.
    private func changedSales() throws -> [Int64] {
        let statement = try database.prepare(
            """
            SELECT sale.id FROM ods.sales AS sale
            LEFT JOIN dmt.generation_sales_\(slot) AS built ON built.sale_id = sale.id
            WHERE built.revision IS NOT sale.revision
            UNION ALL
            SELECT built.sale_id FROM dmt.generation_sales_\(slot) AS built
            LEFT JOIN ods.sales AS sale ON sale.id = built.sale_id WHERE sale.id IS NULL
            """)
        var changed: [Int64] = []
        while try statement.step() { changed.append(statement.integer(at: 0)) }
        return changed
    }

    private func rebuildSale(_ sale: Int64) throws(SQLiteError) {
        deleteLines.bind(sale, at: 1)
        try deleteLines.run()
        deleteRevisions.bind(sale, at: 1)
        try deleteRevisions.run()
        try insert(first: sale, last: sale)
    }

    /// Sums up both sides as they are now.
    ///
    /// - Throws: `WarehouseError.auditFailed` with the first difference.
    private func audit() throws -> MartSums {
        let built = try MartSums.built(database, slot: slot, sales: .min ... .max)
        let difference = MartSums.difference(sold: try MartSums.sold(database), built: built)
        guard let difference else { return built }
        throw WarehouseError(
            code: .auditFailed, what: "the new generation of the mart failed its audit: \(difference)", place: place,
            remedy: "the old generation is still served; report this with the figures above")
    }

    /// Points readers at this slot.
    private func flip(_ built: MartSums) throws -> MartReport {
        var reasons: [String: Int64] = [:]
        let byReason = try database.prepare(
            """
            SELECT orphan_reason, count(*) FROM dmt.mart_lines_\(slot) WHERE orphan_reason IS NOT NULL
            GROUP BY orphan_reason
            """)
        while try byReason.step() { reasons[byReason.text(at: 0)] = byReason.integer(at: 1) }
        let orphans = reasons.values.reduce(0, +)
        let report = MartReport(
            generation: (try database.integer("SELECT number FROM dmt.generation") ?? 0) + 1,
            sales: built.sales,
            rows: built.lines - orphans, orphans: orphans, orphansByReason: reasons,
            withoutDiscount: built.withoutDiscount)
        let update = try database.prepare(
            """
            UPDATE dmt.generation SET slot = ?1, number = ?2, sales = ?3, rows = ?4, orphans = ?5, SYS_DATE_CREATE = ?6
            """)
        update.bind(slot, at: 1)
        update.bind(report.generation, at: 2)
        update.bind(report.sales, at: 3)
        update.bind(report.rows, at: 4)
        update.bind(report.orphans, at: 5)
        try update.bind(Timestamp.text(ofMicroseconds: clock()), at: 6)
        try FaultPoint.flipWrite.around { () throws(SQLiteError) in try update.run() }
        return report
    }
}
