internal import PostgreSQL

/// Reads the served mart as an analyst does: `dmt` and nothing else.
package struct PostgreSQLMartReader {
    private let warehouse: PostgreSQLWarehouse

    package init(_ warehouse: PostgreSQLWarehouse) { self.warehouse = warehouse }

    /// The first rows, and the figures of the whole. Blocking.
    package func summary(firstRows: Int) throws -> MartSummary {
        try warehouse.session { connection in
            try connection.snapshot {
                let first = try connection.query(
                    """
                    SELECT id, \(PostgreSQLText.local("sales_datetime")), item_amount::double precision, product_sku,
                           item_quantity, product_description, discount_perc::double precision
                    FROM dmt.sales_items LIMIT $1
                    """, [.integer(Int64(firstRows))])
                let figures = try connection.query(
                    """
                    SELECT count(*), count(DISTINCT split_part(id, '-', 1)), count(DISTINCT sales_datetime::date),
                           coalesce(sum(item_amount * 10000), 0)::bigint
                    FROM dmt.sales_items
                    """)[0]
                return MartSummary(
                    firstRows: first.map { row in
                        MartSummary.Row(
                            id: row.text(at: 0), salesDatetime: row.text(at: 1),
                            itemAmount: row.optionalReal(at: 2) ?? 0, productSKU: row.text(at: 3),
                            itemQuantity: row.integer(at: 4), productDescription: row.text(at: 5),
                            discountPercent: row.optionalReal(at: 6))
                    },
                    rows: figures.integer(at: 0), sales: figures.integer(at: 1), days: figures.integer(at: 2),
                    amount: figures.integer(at: 3))
            }
        }
    }
}
