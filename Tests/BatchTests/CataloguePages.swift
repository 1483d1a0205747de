import Retail
import RetailAPI
import Warehouse

@testable import Batch

/// Pages of a catalogue, as an API might serve them.
enum CataloguePages {
    static func product(_ sku: String, price: String = "2.55", note: String = "") -> String {
        #"{"product_sku":"\#(sku)","description":"\#(note)","unit_amount":\#(price),"supplier":null}"#
    }

    static func products(_ numbers: some Sequence<Int>) -> [String] { numbers.map { product("P\($0)") } }

    static func customer(_ id: String) -> String { #"{"customer_id":"\#(id)","emails":[],"phone_numbers":[]}"# }

    static func page(
        _ rows: [String], total: Int? = nil, endpoint: Endpoint = .products, answeredAt: Int64 = 1_764_000_000_000_000
    ) throws -> APIPage {
        let list = "[\(rows.joined(separator: ","))]"
        let body = total.map { #"{"data":\#(list),"total":\#($0)}"# } ?? list
        return try APIPage(
            endpoint: endpoint, body: Array(body.utf8), requestedLimit: 250, answeredAtMicroseconds: answeredAt,
            fileName: "products_20251124_1600_test.json")
    }

    /// A whole sweep of these pages, and of empty ones behind them for as long as it asks for more.
    static func sweep(_ pages: [[String]], total: Int? = nil) throws -> CatalogueSweep {
        try sweep(pages, totals: Array(repeating: total, count: pages.count + 2))
    }

    /// The same with a total for each page.
    static func sweep(_ pages: [[String]], totals: [Int?]) throws -> CatalogueSweep {
        var sweep = CatalogueSweep(.products, timeZone: .utc)
        for (rows, total) in zip(pages + [[], []], totals) {
            guard case .ask = sweep.take(try page(rows, total: total)) else { break }
        }
        return sweep
    }
}

extension CatalogueRow {
    var text: String { String(decoding: payload, as: UTF8.self) }
}
