/// The served mart in a few rows and figures, for `demo`.
package struct MartSummary: Sendable, Hashable, Codable {
    /// One row of `dmt.sales_items`, as analysts see it.
    package struct Row: Sendable, Hashable, Codable {
        package var id: String
        package var salesDatetime: String
        package var itemAmount: Double
        package var productSKU: String
        package var itemQuantity: Int64
        package var productDescription: String
        package var discountPercent: Double?

        enum CodingKeys: String, CodingKey {
            case id
            case salesDatetime = "sales_datetime"
            case itemAmount = "item_amount"
            case productSKU = "product_sku"
            case itemQuantity = "item_quantity"
            case productDescription = "product_description"
            case discountPercent = "discount_perc"
        }
    }

    package var firstRows: [Row]
    package var rows: Int64
    package var sales: Int64
    package var days: Int64
    /// The sum of all amounts, in 1/10,000.
    package var amount: Int64
}
