internal import Retail
package import RetailAPI

/// A page of sales with what matters of each row: where its bytes lie, which sale it is, what it says.
package struct SalesPage: Sendable {
    /// One row of the page.
    package struct Row: Sendable, Hashable {
        /// The row's bytes in the page's body.
        package let bytes: Range<Int>
        /// The sale id; nil when the row has none that can be used.
        package let id: Int64?
        /// Of the parsed content when the row is a valid sale, else of its bytes.
        package let contentHash: Int64
        /// Whether the row is a valid sale.
        package let isValid: Bool
    }

    package let page: APIPage
    package let rows: [Row]

    /// Whether an id comes after a higher one.
    package var isOutOfOrder: Bool {
        var highest = Int64.min
        for row in rows {
            guard let id = row.id else { continue }
            if id < highest { return true }
            highest = id
        }
        return false
    }

    init(_ page: APIPage, parser: SaleParser) {
        self.page = page
        var batch = SaleBatch()
        page.body.withUnsafeBytes { body in
            for (index, range) in page.rows.enumerated() {
                parser.parse(UnsafeRawBufferPointer(rebasing: body[range]), record: Int32(index), into: &batch)
            }
        }
        var rows: [Row] = []
        rows.reserveCapacity(page.rows.count)
        var (valid, refused) = (batch.rows[...], batch.refusals[...])
        for (index, range) in page.rows.enumerated() {
            if let row = valid.first, Int(row.record) == index {
                rows.append(Row(bytes: range, id: row.id, contentHash: row.contentHash, isValid: true))
                valid = valid.dropFirst()
            } else if let refusal = refused.popFirst() {
                rows.append(
                    Row(bytes: range, id: refusal.saleID, contentHash: refusal.contentHash, isValid: false))
            }
        }
        self.rows = rows
    }
}
