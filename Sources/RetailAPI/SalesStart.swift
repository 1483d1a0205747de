/// Where a page of sales begins.
package enum SalesStart: Sendable, Hashable, CustomStringConvertible {
    /// From this sale id on. Whether the sale itself is served, depends on the API.
    case id(Int64)
    /// From the first sale of this day on, written `YYYY-MM-DD`.
    case date(String)

    /// The value of `start_sales_id`.
    package var description: String {
        switch self {
        case .id(let id): String(id)
        case .date(let day): day
        }
    }
}
