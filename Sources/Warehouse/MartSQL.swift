/// The one definition of how a sale line becomes a mart row, in SQL that every engine runs alike.
///
/// All arithmetic is on integers: amounts in 1/10,000, discounts in 1/100 of a percent.
enum MartSQL {
    /// |quantity| × unit amount and |amount| up to which 64 bits hold the discount formula: 4 × 10^10, in 1/10,000.
    static let discountLimit = 400_000_000_000_000

    /// The lines of the sales with `?1 <= id <= ?2`, one row per (sale, sku): of the mart, or with the first reason
    /// that keeps it out.
    ///
    /// Price and description are those of the product's version at the sale's instant: the history's price ranges leave
    /// no moment out and none double, so a product is unknown only when it was never seen. `ods.customers` keeps who is
    /// not served any more.
    ///
    /// The discount is 10,000 × (base − amount) ÷ base with base = quantity × unit amount, half away from zero: the
    /// quotient truncated, one step further from zero when twice the remainder reaches the divisor. Tested by
    /// division before multiplying, because what does not fit 64 bits would slip into floating point.
    ///
    /// - Parameter allowMissingCustomer: sales without a customer are in the mart, not among the orphans.
    static func lines(allowMissingCustomer: Bool) -> String {
        let difference = "10000 * (item_quantity * unit_amount - item_amount)"
        let base = "(item_quantity * unit_amount)"
        return """
            SELECT sale_id, product_sku, sales_datetime, item_amount, item_quantity, product_description,
                   CASE WHEN orphan_reason IS NOT NULL OR item_quantity = 0 OR unit_amount = 0
                            OR abs(item_amount) > \(discountLimit) THEN NULL
                        WHEN unit_amount > \(discountLimit) / abs(item_quantity) THEN NULL
                        ELSE \(difference) / \(base)
                             + CASE WHEN abs(\(difference) % \(base)) * 2 < abs\(base) THEN 0
                                    WHEN (\(difference) < 0) = (\(base) < 0) THEN 1 ELSE -1 END
                   END AS discount_perc,
                   orphan_reason,
                   CASE WHEN orphan_reason IS NOT NULL THEN customer_id END AS customer_id,
                   CASE WHEN orphan_reason IS NOT NULL THEN since END AS since
            FROM (SELECT sale.id AS sale_id, item.product_sku AS product_sku,
                         sale.datetime AS sales_datetime, sale.customer_id AS customer_id,
                         sale.SYS_DATE_CREATE AS since,
                         sum(item.amount) AS item_amount, sum(item.quantity) AS item_quantity,
                         max(product.unit_amount) AS unit_amount, max(product.description) AS product_description,
                         CASE \(allowMissingCustomer ? "" : "WHEN sale.customer_id IS NULL THEN 'no_customer'")
                              WHEN sale.customer_id IS NOT NULL AND customer.customer_id IS NULL
                                  THEN 'unknown_customer'
                              WHEN max(product.unit_amount) IS NULL THEN 'unknown_product' END AS orphan_reason
                  FROM ods.sales AS sale
                  LEFT JOIN ods.customers AS customer ON customer.customer_id = sale.customer_id
                  JOIN ods.sales_items AS item ON item.sale_id = sale.id
                  LEFT JOIN ods.products_history AS product
                      ON product.product_sku = item.product_sku
                     AND product.price_from <= sale.instant * 1000000 AND product.price_to > sale.instant * 1000000
                  WHERE sale.id BETWEEN ?1 AND ?2
                  GROUP BY sale.id, item.product_sku) AS line
            """
    }
}
