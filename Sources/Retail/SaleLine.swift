/// One line of a ``Sale``.
package struct SaleLine: Sendable, Hashable {
    /// The product's key, as served.
    package var sku: String
    /// How many pieces; negative for a return.
    package var quantity: Int64
    /// The line's total.
    package var amount: Money

    /// Makes a line.
    package init(sku: String, quantity: Int64, amount: Money) {
        self.sku = sku
        self.quantity = quantity
        self.amount = amount
    }
}
