/// A valid sale as a value of its own, for small uses; the hot path keeps to ``SaleBatch``.
package struct Sale: Sendable, Hashable {
    /// The sale id, from 1 on.
    package var id: Int64
    /// The local time in `api.time_zone`, as seconds since 1970 as if it were UTC.
    package var datetime: Int64
    /// The instant of that local time, in UTC seconds since 1970.
    package var instant: Int64
    /// The total as served; nil when missing.
    package var totalAmount: Money?
    /// The customer id; nil for a sale without customer.
    package var customerID: String?
    /// The lines in order.
    package var lines: [SaleLine]
    /// The hash of the content: see ``ContentHash``.
    package var contentHash: Int64

    /// Copies one row out of its batch.
    package init(_ row: SaleBatch.Row, in batch: SaleBatch) {
        id = row.id
        datetime = row.datetime
        instant = row.instant
        totalAmount = row.totalAmount.map(Money.init(units:))
        customerID = row.customer.map(batch.string)
        lines = batch.lines[Int(row.lines.lowerBound)..<Int(row.lines.upperBound)].map { line in
            SaleLine(sku: batch.string(line.sku), quantity: line.quantity, amount: Money(units: line.amount))
        }
        contentHash = row.contentHash
    }
}
