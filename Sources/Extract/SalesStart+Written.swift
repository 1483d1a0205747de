internal import RetailAPI

extension SalesStart {
    /// What `description` wrote: digits are a sale id, anything else a day.
    init(written: String) {
        self = Int64(written).map { .id($0) } ?? .date(written)
    }
}
