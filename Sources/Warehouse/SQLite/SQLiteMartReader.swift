internal import SQLite

/// Reads the served mart as an analyst does: `dmt.db` and nothing else.
package struct SQLiteMartReader {
    private let warehouse: SQLiteWarehouse

    package init(_ warehouse: SQLiteWarehouse) { self.warehouse = warehouse }

    /// The first rows, and the figures of the whole. Blocking.
    package func summary(firstRows: Int) throws -> MartSummary {
        try translating(warehouse.directory) {
            let database = try warehouse.connect(reading: ["dmt"])
            return try database.snapshot {
                let rows = try database.prepare(
                    """
                    SELECT id, sales_datetime, item_amount, product_sku, item_quantity, product_description,
                           discount_perc
                    FROM dmt.sales_items LIMIT ?1
                    """)
                rows.bind(Int64(firstRows), at: 1)
                var first: [MartSummary.Row] = []
                while try rows.step() {
                    first.append(
                        MartSummary.Row(
                            id: rows.text(at: 0), salesDatetime: rows.text(at: 1), itemAmount: rows.real(at: 2),
                            productSKU: rows.text(at: 3), itemQuantity: rows.integer(at: 4),
                            productDescription: rows.text(at: 5),
                            discountPercent: rows.isNull(at: 6) ? nil : rows.real(at: 6)))
                }
                let slot = try database.integer("SELECT slot FROM dmt.generation") ?? 0
                let figures = try database.prepare(
                    """
                    SELECT count(*), count(DISTINCT sale_id), count(DISTINCT substr(sales_datetime, 1, 10)),
                           sum(item_amount)
                    FROM dmt.mart_lines_\(slot) WHERE orphan_reason IS NULL
                    """)
                _ = try figures.step()
                return MartSummary(
                    firstRows: first, rows: figures.integer(at: 0), sales: figures.integer(at: 1),
                    days: figures.integer(at: 2), amount: figures.integer(at: 3))
            }
        }
    }
}
