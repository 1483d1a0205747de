/// A valid product of the catalogue.
package struct Product: Sendable, Hashable {
    /// The product's key, as served.
    package let sku: String
    /// The description; empty when the catalogue has none.
    package let description: String
    /// The price of one piece, not negative.
    package let unitAmount: Money
    /// The supplier, if named.
    package let supplier: String?
    /// When the API says this version began, in UTC microseconds since 1970; nil when it does not say.
    package let updatedAt: Int64?
    /// A hash of key, description, price and supplier (not of `updatedAt`: a touched row is no changed one); see
    /// ``ContentHash``.
    package let contentHash: Int64

    /// Makes a product of valid values and computes its hash.
    package init(
        sku: String, description: String, unitAmount: Money, supplier: String? = nil, updatedAt: Int64? = nil
    ) {
        self.sku = sku
        self.description = description
        self.unitAmount = unitAmount
        self.supplier = supplier
        self.updatedAt = updatedAt
        let canonical = CanonicalBytes()
        canonical.append(sku)
        canonical.append(description)
        canonical.append(unitAmount.units)
        canonical.append(isPresent: supplier != nil)
        if let supplier { canonical.append(supplier) }
        contentHash = canonical.contentHash
    }
}
