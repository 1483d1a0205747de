import Retail
import Testing

/// One record judged by itself.
struct Judged {
    /// The sale, if the record is one.
    var sale: Sale?
    /// The refusal, if not.
    var refusal: SaleBatch.Refusal?
    /// Whether views may open the record.
    var isJSON: Bool
    /// Whether the total is not the sum of the lines.
    var totalDiffers: Bool

    init(_ bytes: [UInt8]?, in timeZone: RetailTimeZone = .utc) throws {
        let parser = SaleParser(timeZone: timeZone)
        var batch = SaleBatch()
        if let bytes {
            bytes.withUnsafeBytes { parser.parse($0, record: 7, into: &batch) }
        } else {
            parser.parse(nil, record: 7, into: &batch)
        }
        #expect(batch.rows.count + batch.refusals.count == 1)
        sale = batch.rows.first.map { Sale($0, in: batch) }
        refusal = batch.refusals.first
        #expect(batch.jsonRecords.count == 1)
        isJSON = batch.jsonRecords.first == true
        totalDiffers = batch.rows.first?.totalDiffers ?? false
    }

    init(_ text: String, in timeZone: RetailTimeZone = .utc) throws {
        try self.init(Array(text.utf8), in: timeZone)
    }

    /// The reasons in words, in order.
    var reasons: [String] { refusal?.reasons.map(\.description) ?? [] }
}

/// A sale as JSON text with some fields replaced, left out (nil) or added.
func saleText(_ changes: [String: String?] = [:], adding: String = "") -> String {
    let usual: KeyValuePairs = [
        "id": "536365", "datetime": "\"2010-12-01T08:04:00\"", "total_amount": "139.12", "customer_id": "\"17850\"",
        "items": "[{\"product_sku\": \"85123A\", \"quantity\": 6, \"amount\": 139.12}]",
    ]
    let fields = usual.compactMap { name, value -> String? in
        guard let changed = changes[name] else { return "\"\(name)\": \(value)" }
        return changed.map { "\"\(name)\": \($0)" }
    }
    return "{" + fields.joined(separator: ", ") + adding + "}"
}

/// A sale with one line, some of whose fields are replaced or left out.
func saleText(line changes: [String: String?], adding: String = "") -> String {
    let usual: KeyValuePairs = ["product_sku": "\"85123A\"", "quantity": "6", "amount": "139.12"]
    let fields = usual.compactMap { name, value -> String? in
        guard let changed = changes[name] else { return "\"\(name)\": \(value)" }
        return changed.map { "\"\(name)\": \($0)" }
    }
    return saleText(["items": "[{" + fields.joined(separator: ", ") + adding + "}]"])
}
