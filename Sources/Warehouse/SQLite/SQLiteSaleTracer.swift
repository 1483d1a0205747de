internal import Foundation
internal import Retail
internal import SQLite

/// Looks for one sale in all four files, read-only.
package struct SQLiteSaleTracer: SaleTracer {
    private let warehouse: SQLiteWarehouse

    package init(_ warehouse: SQLiteWarehouse) { self.warehouse = warehouse }

    package func trace(sale: Int64) throws -> SaleTrace {
        try translating(warehouse.directory) {
            let database = try warehouse.connect(reading: ["raw", "ods", "dmt"])
            return try database.snapshot {
                let stored = try stored(sale, database)
                let rejects = try rejects(sale, database)
                let places = (stored.map { [$0.decidedBy] } ?? []) + rejects.flatMap(\.places)
                return SaleTrace(
                    sale: sale, records: try RawSearch(database).records(of: sale, known: places), stored: stored,
                    rejects: rejects, lines: try lines(sale, database), generation: try generation(sale, database))
            }
        }
    }

    private func stored(_ sale: Int64, _ database: Database) throws -> SaleTrace.Stored? {
        let row = try database.prepare(
            """
            SELECT datetime, customer_id, total_amount, version, revision, log, partition, offset, SYS_DATE_CREATE,
                   SYS_DATE_UPDATE
            FROM ods.sales WHERE id = ?1
            """)
        row.bind(sale, at: 1)
        guard try row.step() else { return nil }
        return SaleTrace.Stored(
            datetime: row.text(at: 0), customerID: row.optionalText(at: 1), totalAmount: row.optionalInteger(at: 2),
            version: row.integer(at: 3), revision: row.integer(at: 4),
            decidedBy: RecordPlace(
                version: row.integer(at: 3), log: row.integer(at: 5), partition: Int32(row.integer(at: 6)),
                offset: row.integer(at: 7)),
            created: row.text(at: 8), updated: row.text(at: 9))
    }

    private func rejects(_ sale: Int64, _ database: Database) throws -> [SaleTrace.Reject] {
        let rows = try database.prepare(
            """
            SELECT reject_id, state, reasons, code_version, SYS_DATE_CREATE FROM ods.sales_rejects
            WHERE sale_id = ?1 ORDER BY version, reject_id
            """)
        let positions = try database.prepare(
            """
            SELECT version, log, partition, offset FROM ods.sales_reject_positions
            WHERE reject_id = ?1 ORDER BY version, log, partition, offset
            """)
        rows.bind(sale, at: 1)
        var rejects: [SaleTrace.Reject] = []
        while try rows.step() {
            positions.bind(rows.integer(at: 0), at: 1)
            var places: [RecordPlace] = []
            while try positions.step() {
                places.append(
                    RecordPlace(
                        version: positions.integer(at: 0), log: positions.integer(at: 1),
                        partition: Int32(positions.integer(at: 2)), offset: positions.integer(at: 3)))
            }
            rejects.append(
                SaleTrace.Reject(
                    state: RejectState(rawValue: rows.text(at: 1)) ?? .open,
                    reasons: [ValidationReason](json: rows.text(at: 2)), places: places,
                    codeVersion: rows.text(at: 3), created: rows.text(at: 4)))
        }
        return rejects
    }

    private func lines(_ sale: Int64, _ database: Database) throws -> [SaleTrace.Line] {
        var lines: [String: SaleTrace.Line] = [:]
        let sold = try database.prepare(
            "SELECT product_sku, sum(quantity), sum(amount) FROM ods.sales_items WHERE sale_id = ?1 GROUP BY 1")
        sold.bind(sale, at: 1)
        while try sold.step() {
            let sku = sold.text(at: 0)
            lines[sku, default: SaleTrace.Line(sku: sku)].stored = SaleTrace.Sold(
                quantity: sold.integer(at: 1), amount: sold.integer(at: 2))
        }
        let built = try database.prepare(
            """
            SELECT product_sku, item_quantity, item_amount, product_description, discount_perc, orphan_reason, since
            FROM dmt.mart_lines_\(try slot(database)) WHERE sale_id = ?1
            """)
        built.bind(sale, at: 1)
        while try built.step() {
            let sku = built.text(at: 0)
            lines[sku, default: SaleTrace.Line(sku: sku)].mart = SaleTrace.MartLine(
                sold: SaleTrace.Sold(quantity: built.integer(at: 1), amount: built.integer(at: 2)),
                description: built.optionalText(at: 3), discount: built.optionalInteger(at: 4),
                orphanReason: built.optionalText(at: 5), since: built.optionalText(at: 6))
        }
        return lines.values.sorted { $0.sku.utf8.lexicographicallyPrecedes($1.sku.utf8) }
    }

    private func generation(_ sale: Int64, _ database: Database) throws -> SaleTrace.Generation {
        let row = try database.prepare(
            """
            SELECT number, SYS_DATE_CREATE,
                   (SELECT revision FROM dmt.generation_sales_\(try slot(database)) WHERE sale_id = ?1)
            FROM dmt.generation
            """)
        row.bind(sale, at: 1)
        guard try row.step() else { return SaleTrace.Generation(number: 0) }
        return SaleTrace.Generation(
            number: row.integer(at: 0), built: row.optionalText(at: 1), revision: row.optionalInteger(at: 2))
    }

    private func slot(_ database: Database) throws(SQLiteError) -> Int64 {
        try database.integer("SELECT slot FROM dmt.generation") ?? 0
    }
}
