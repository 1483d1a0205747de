internal import PostgreSQL
internal import Retail

/// Looks for one sale in all schemas.
package struct PostgreSQLSaleTracer: SaleTracer {
    private let warehouse: PostgreSQLWarehouse

    package init(_ warehouse: PostgreSQLWarehouse) { self.warehouse = warehouse }

    package func trace(sale: Int64) throws -> SaleTrace {
        try warehouse.session { connection in
            try connection.snapshot {
                let stored = try stored(sale, connection)
                let rejects = try rejects(sale, connection)
                let places = (stored.map { [$0.decidedBy] } ?? []) + rejects.flatMap(\.places)
                return SaleTrace(
                    sale: sale,
                    records: try PostgreSQLRawSearch(connection).records(of: sale, known: places), stored: stored,
                    rejects: rejects, lines: try lines(sale, connection),
                    generation: try generation(sale, connection))
            }
        }
    }

    private func stored(_ sale: Int64, _ connection: Connection) throws -> SaleTrace.Stored? {
        try connection.query(
            """
            SELECT \(PostgreSQLText.local("datetime")), customer_id, total_amount, version, revision, log, partition,
                   "offset", \(PostgreSQLText.utc("SYS_DATE_CREATE")), \(PostgreSQLText.utc("SYS_DATE_UPDATE"))
            FROM ods.sales WHERE id = $1
            """, [.integer(sale)]
        ).first.map { row in
            SaleTrace.Stored(
                datetime: row.text(at: 0), customerID: row.optionalText(at: 1), totalAmount: row.optionalInteger(at: 2),
                version: row.integer(at: 3), revision: row.integer(at: 4),
                decidedBy: RecordPlace(
                    version: row.integer(at: 3), log: row.integer(at: 5), partition: Int32(row.integer(at: 6)),
                    offset: row.integer(at: 7)),
                created: row.text(at: 8), updated: row.text(at: 9))
        }
    }

    private func rejects(_ sale: Int64, _ connection: Connection) throws -> [SaleTrace.Reject] {
        try connection.query(
            """
            SELECT reject_id, state, reasons::text, code_version, \(PostgreSQLText.utc("SYS_DATE_CREATE"))
            FROM ods.sales_rejects WHERE sale_id = $1 ORDER BY version, reject_id
            """, [.integer(sale)]
        ).map { row in
            let places = try connection.query(
                """
                SELECT version, log, partition, "offset" FROM ods.sales_reject_positions
                WHERE reject_id = $1 ORDER BY version, log, partition, "offset"
                """, [.integer(row.integer(at: 0))]
            ).map { place in
                RecordPlace(
                    version: place.integer(at: 0), log: place.integer(at: 1), partition: Int32(place.integer(at: 2)),
                    offset: place.integer(at: 3))
            }
            return SaleTrace.Reject(
                state: RejectState(rawValue: row.text(at: 1)) ?? .open,
                reasons: [ValidationReason](json: row.text(at: 2)), places: places, codeVersion: row.text(at: 3),
                created: row.text(at: 4))
        }
    }

    private func lines(_ sale: Int64, _ connection: Connection) throws -> [SaleTrace.Line] {
        var lines: [String: SaleTrace.Line] = [:]
        for row in try connection.query(
            """
            SELECT product_sku, sum(quantity)::bigint, sum(amount)::bigint FROM ods.sales_items WHERE sale_id = $1
            GROUP BY 1
            """, [.integer(sale)])
        {
            let sku = row.text(at: 0)
            lines[sku, default: SaleTrace.Line(sku: sku)].stored = SaleTrace.Sold(
                quantity: row.integer(at: 1), amount: row.integer(at: 2))
        }
        for row in try connection.query(
            """
            SELECT product_sku, item_quantity, item_amount, product_description, discount_perc, orphan_reason,
                   \(PostgreSQLText.utc("since"))
            FROM dmt.mart_lines_\(try slot(connection)) WHERE sale_id = $1
            """, [.integer(sale)])
        {
            let sku = row.text(at: 0)
            lines[sku, default: SaleTrace.Line(sku: sku)].mart = SaleTrace.MartLine(
                sold: SaleTrace.Sold(quantity: row.integer(at: 1), amount: row.integer(at: 2)),
                description: row.optionalText(at: 3), discount: row.optionalInteger(at: 4),
                orphanReason: row.optionalText(at: 5), since: row.optionalText(at: 6))
        }
        return lines.values.sorted { $0.sku.utf8.lexicographicallyPrecedes($1.sku.utf8) }
    }

    private func generation(_ sale: Int64, _ connection: Connection) throws -> SaleTrace.Generation {
        let row = try connection.query(
            """
            SELECT number, \(PostgreSQLText.utc("SYS_DATE_CREATE")),
                   (SELECT revision FROM dmt.generation_sales_\(try slot(connection)) WHERE sale_id = $1)
            FROM dmt.generation
            """, [.integer(sale)])[0]
        return SaleTrace.Generation(
            number: row.integer(at: 0), built: row.optionalText(at: 1), revision: row.optionalInteger(at: 2))
    }

    private func slot(_ connection: Connection) throws -> Int64 {
        try connection.query("SELECT slot FROM dmt.generation")[0].integer(at: 0)
    }
}
