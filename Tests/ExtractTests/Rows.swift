import Retail
import RetailAPI

@testable import Extract

/// Rows of the sales listing, as an API might serve them.
enum Rows {
    /// A valid sale; another quantity makes it another content.
    static func sale(_ id: Int64, day: String = "2026-03-02", quantity: Int = 1) -> String {
        #"{"id": \#(id), "datetime": "\#(day)T10:00:00", "total_amount": \#(quantity).50, "customer_id": "17850", "#
            + #""items": [{"product_sku": "85123A", "quantity": \#(quantity), "amount": \#(quantity).50}]}"#
    }

    static func sales(_ ids: some Sequence<Int64>) -> [String] { ids.map { sale($0) } }

    /// An object without an id.
    static func withoutID(_ mark: String) -> String { #"{"note":"\#(mark)"}"# }

    /// A row that has an id and is no valid sale.
    static func invalid(_ id: Int64, _ mark: String = "") -> String { #"{"id":\#(id),"datetime":"\#(mark)"}"# }

    /// A page with these rows.
    static func page(
        _ rows: [String], limit: Int = 250, total: Int? = nil, answeredAtMicroseconds: Int64 = 1_764_000_000_000_000
    ) throws -> SalesPage {
        SalesPage(
            try APIPage(
                endpoint: .sales, body: Array(body(rows, total: total).utf8), requestedLimit: limit,
                answeredAtMicroseconds: answeredAtMicroseconds, fileName: "sales_20251124_1600_test.json"),
            parser: SaleParser(timeZone: .utc))
    }

    /// The body of an answer.
    static func body(_ rows: [String], total: Int? = nil) -> String {
        let array = "[\(rows.joined(separator: ","))]"
        return total.map { #"{"data":\#(array),"total":\#($0)}"# } ?? array
    }

    /// A page of valid sales with these ids.
    static func page(_ ids: Int64..., limit: Int = 250) throws -> SalesPage { try page(sales(ids), limit: limit) }

    /// The content hash of a row by itself.
    static func contentHash(_ row: String) throws -> Int64 { try page([row]).rows[0].contentHash }
}
