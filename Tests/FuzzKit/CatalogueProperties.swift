import Retail

/// What holds of `CatalogueParser` for whatever bytes.
enum CatalogueProperties {
    static func check(_ bytes: [UInt8]) throws(Finding) {
        let parser = CatalogueParser(timeZone: .utc)
        let product = withExactMemory(bytes) { parser.product($0) }
        let customer = withExactMemory(bytes) { parser.customer($0) }
        try compare(try? NaiveRetail.product(bytes), with: product)
        try compare(try? NaiveRetail.customer(bytes), with: customer)
        try Finding.expect(withExactMemory(bytes) { parser.product($0) }, equals: product, "the product judged again")
        try Finding.expect(
            withExactMemory(bytes) { parser.customer($0) } == customer, "the customer is judged otherwise again")
        let padded = Array("\n ".utf8) + bytes + Array(" ".utf8)
        if case .valid = product {
            try Finding.expect(
                withExactMemory(padded) { parser.product($0) }, equals: product, "the product between blanks")
        }
    }

    private static func compare(_ wanted: NaiveRetail.Product?, with found: Parsed<Product>) throws(Finding) {
        switch found {
        case .valid(let product):
            let written = NaiveRetail.Product(
                sku: Array(product.sku.utf8), description: Array(product.description.utf8),
                price: product.unitAmount.units, supplier: product.supplier.map { Array($0.utf8) },
                updatedAt: product.updatedAt)
            try Finding.expect(written, equals: wanted ?? written, "the product")
            try Finding.expect(wanted != nil, "a product that the contract refuses: \(product)")
        case .refused(_, let reasons):
            try Finding.expect(wanted == nil, "a product that the contract takes is refused: \(reasons)")
            try Finding.expect(!reasons.isEmpty, "a product refused without a reason")
        }
    }

    private static func compare(_ wanted: NaiveRetail.Customer?, with found: Parsed<Customer>) throws(Finding) {
        switch found {
        case .valid(let customer):
            let written = NaiveRetail.Customer(
                id: Array(customer.customerID.utf8), emails: customer.emails.map { Array($0.utf8) },
                phoneNumbers: customer.phoneNumbers.map { Array($0.utf8) })
            try Finding.expect(wanted == written, "the customer is not the one that was written")
        case .refused(_, let reasons):
            try Finding.expect(wanted == nil, "a customer that the contract takes is refused: \(reasons)")
            try Finding.expect(!reasons.isEmpty, "a customer refused without a reason")
        }
    }
}
