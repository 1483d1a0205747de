internal import Retail

/// A valid product or customer, as its columns.
struct CatalogueEntry {
    enum Value {
        case text(String)
        case optionalText(String?)
        case integer(Int64?)
    }

    let key: String
    let contentHash: Int64
    /// When the API says that it changed, in microseconds of UTC.
    let updatedAt: Int64?
    let fileName: String
    /// In the order of `Catalogue.valueColumns`.
    let values: [Value]

    // Keys that look the same ("é" in one code point or in two) are equal as strings.
    var keyBytes: [UInt8] { Array(key.utf8) }

    init(_ product: Product, fileName: String) {
        key = product.sku
        contentHash = product.contentHash
        updatedAt = product.updatedAt
        self.fileName = fileName
        values = [
            .text(product.description), .integer(product.unitAmount.units), .optionalText(product.supplier),
            .integer(product.updatedAt),
        ]
    }

    init(_ customer: Customer, fileName: String) {
        key = customer.customerID
        contentHash = customer.contentHash
        updatedAt = nil
        self.fileName = fileName
        values = [.text(customer.emails.json), .text(customer.phoneNumbers.json)]
    }
}
