/// A valid product of the catalogue.
package struct Product: Sendable, Hashable {
    /// The product's key, as served.
    package var sku: String
    /// The description; empty when the catalogue has none.
    package var description: String
    /// The price of one piece, not negative.
    package var unitAmount: Money
    /// The supplier, if named.
    package var supplier: String?
    /// When the API says this version began, in UTC microseconds since 1970; nil when it does not say.
    package var updatedAt: Int64?
    /// A hash of key, description, price and supplier (not of `updatedAt`: a touched row is no changed one).
    package var contentHash: Int64
}
