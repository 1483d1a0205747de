/// The one definition of how a sale line becomes a mart row, in SQL that every engine runs alike.
///
/// All arithmetic is on integers: amounts in 1/10,000, discounts in 1/100 of a percent. Lines of one sale that name
/// one product are summed first. Both statements take the sales with `first <= id <= last` as parameters 1 and 2.
enum MartSQL {
    /// |quantity| × unit amount and |amount| up to which 64 bits hold the discount formula: 4 × 10^10, in 1/10,000.
    static let discountLimit = 400_000_000_000_000

    /// The mart's rows of a range of sales.
    ///
    /// - Parameter allowMissingCustomer: sales without a customer are in the mart, not among the orphans.
    static func items(allowMissingCustomer: Bool) -> String {
        """
        SELECT sale_id, product_sku, sales_datetime, item_amount, item_quantity, description,
               CASE WHEN base <> 0 THEN
                   (CASE WHEN (base < item_amount) = (base < 0) THEN 1 ELSE -1 END)
                   * (abs(10000 * (base - item_amount)) / abs(base)
                      + CASE WHEN abs(10000 * (base - item_amount)) % abs(base) * 2 >= abs(base) THEN 1 ELSE 0 END)
               END AS discount_perc
        FROM (SELECT line.sale_id, line.product_sku, line.sales_datetime, line.item_amount, line.item_quantity,
                     product.description,
                     CASE WHEN line.item_quantity = 0 OR abs(line.item_amount) > \(discountLimit) THEN NULL
                          WHEN product.unit_amount > \(discountLimit) / abs(line.item_quantity) THEN NULL
                          ELSE line.item_quantity * product.unit_amount END AS base
              FROM (\(lines)) AS line
              JOIN ods.products AS product ON product.product_sku = line.product_sku
              \(allowMissingCustomer ? "LEFT JOIN" : "JOIN") ods.customers AS customer
                  ON customer.customer_id = line.customer_id
              \(allowMissingCustomer ? "WHERE line.customer_id IS NULL OR customer.customer_id IS NOT NULL" : "")
             ) AS priced
        """
    }

    /// The lines of a range of sales that cannot be in the mart, with the first reason that holds.
    static func orphans(allowMissingCustomer: Bool) -> String {
        """
        SELECT sale_id, product_sku, customer_id, reason, since, sales_datetime, item_amount, item_quantity
        FROM (SELECT line.*,
                     CASE WHEN line.customer_id IS NULL \(allowMissingCustomer ? "AND 1 = 0 " : "")THEN 'no_customer'
                          WHEN line.customer_id IS NOT NULL AND customer.customer_id IS NULL THEN 'unknown_customer'
                          WHEN product.product_sku IS NULL THEN 'unknown_product' END AS reason
              FROM (\(lines)) AS line
              LEFT JOIN ods.products AS product ON product.product_sku = line.product_sku
              LEFT JOIN ods.customers AS customer ON customer.customer_id = line.customer_id
             ) AS judged
        WHERE reason IS NOT NULL
        """
    }

    /// One row per (sale, sku) of a range of sales.
    private static let lines = """
        SELECT sale.id AS sale_id, item.product_sku AS product_sku, sale.datetime AS sales_datetime,
               sale.customer_id AS customer_id, sale.SYS_DATE_CREATE AS since,
               sum(item.amount) AS item_amount, sum(item.quantity) AS item_quantity
        FROM ods.sales AS sale
        JOIN ods.sales_items AS item ON item.sale_id = sale.id
        WHERE sale.id BETWEEN ?1 AND ?2
        GROUP BY sale.id, item.product_sku
        """
}
