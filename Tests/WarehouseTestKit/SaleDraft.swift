internal import Retail

/// A valid sale as a test thinks of it, and its JSON text. Money is in 1/10,000.
package struct SaleDraft: Sendable, Hashable {
    /// One line.
    package struct Line: Sendable, Hashable {
        /// The product's key.
        package var sku: String
        /// How many pieces.
        package var quantity: Int64
        /// The line's total in 1/10,000.
        package var amount: Int64

        /// Makes a line.
        package init(_ sku: String, _ quantity: Int64, _ amount: Int64) {
            self.sku = sku
            self.quantity = quantity
            self.amount = amount
        }
    }

    /// The sale id.
    package var id: Int64
    /// `YYYY-MM-DD HH:MM:SS`.
    package var datetime: String
    /// The total in 1/10,000; nil leaves it out.
    package var total: Int64?
    /// The customer; nil is written as null.
    package var customer: String?
    /// The lines in order.
    package var lines: [Line]

    /// Makes a sale; by default one line.
    package init(
        id: Int64, datetime: String = "2010-12-01 08:04:00", total: Int64? = nil, customer: String? = "17850",
        lines: [Line] = [Line("85123A", 6, 153_000)]
    ) {
        self.id = id
        self.datetime = datetime
        self.total = total
        self.customer = customer
        self.lines = lines
    }

    /// The sale as the API serves it.
    package var text: String {
        let items = lines.map { line in
            "{\"product_sku\": \(json(line.sku)), \"quantity\": \(line.quantity), "
                + "\"amount\": \(Money(units: line.amount))}"
        }
        let total = total.map { ", \"total_amount\": \(Money(units: $0))" } ?? ""
        return "{\"id\": \(id), \"datetime\": \(json(datetime))\(total), "
            + "\"customer_id\": \(customer.map(json) ?? "null"), \"items\": [\(items.joined(separator: ", "))]}"
    }
}

/// A string as JSON.
package func json(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": quoted += "\\\""
        case "\\": quoted += "\\\\"
        default: quoted.unicodeScalars.append(scalar)
        }
    }
    return quoted + "\""
}
