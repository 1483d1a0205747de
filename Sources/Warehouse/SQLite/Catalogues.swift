internal import SQLite

/// The catalogues that ods holds at one moment.
struct Catalogues: Equatable {
    let version: Int64

    init(_ database: Database) throws {
        version = try CatalogueVersion.read(database)
    }

    /// Sales that take a version of their product which has begun since, and those of customers who have come or
    /// changed, in ascending order.
    func changedSales(_ database: Database) throws -> [Int64] {
        let statement = try database.prepare(
            """
            SELECT sale.id FROM ods.products_history AS product
            JOIN ods.sales_items AS item ON item.product_sku = product.product_sku
            JOIN ods.sales AS sale ON sale.id = item.sale_id
                AND product.price_from <= sale.instant * 1000000 AND product.price_to > sale.instant * 1000000
            WHERE product.catalogue_version > ?1
            UNION
            SELECT sale.id FROM ods.sales AS sale
            JOIN ods.customers_history AS customer ON customer.customer_id = sale.customer_id
            WHERE customer.catalogue_version > ?1
            ORDER BY 1
            """)
        statement.bind(version, at: 1)
        var sales: [Int64] = []
        while try statement.step() { sales.append(statement.integer(at: 0)) }
        return sales
    }
}
