extension SaleBatch {
    /// One valid sale.
    package struct Row: Sendable, Hashable {
        /// The number that the caller gave to the record.
        package var record: Int32
        /// The sale id, from 1 on.
        package var id: Int64
        /// The local time in `api.time_zone`, as seconds since 1970 as if it were UTC.
        package var datetime: Int64
        /// The instant of that local time (the earlier one when there are two), in UTC seconds since 1970.
        ///
        /// A function of `datetime` alone, also when the record named a zone, so that what is stored can be
        /// computed again from what is stored.
        package var instant: Int64
        /// The total as served, in 1/10,000; nil when missing.
        package var totalAmount: Int64?
        /// The customer id; nil for a sale without customer.
        package var customer: TextSlice?
        /// The sale's lines in ``SaleBatch/lines``.
        package var lines: Range<Int32>
        /// A hash of all values above except `record` and `instant`, and of the lines in order: see ``ContentHash``.
        package var contentHash: Int64
        /// Whether there is a total and it is not the sum of the lines' amounts.
        package var totalDiffers: Bool
    }

    /// One line of a valid sale.
    package struct Line: Sendable, Hashable {
        /// The product's key, as served.
        package var sku: TextSlice
        /// How many pieces; negative for a return.
        package var quantity: Int64
        /// The line's total, in 1/10,000.
        package var amount: Int64
    }

    /// One record that is not a valid sale.
    package struct Refusal: Sendable, Hashable {
        /// The number that the caller gave to the record.
        package var record: Int32
        /// The sale id, when the record is JSON and has a usable one.
        package var saleID: Int64?
        /// Every reason, at least one.
        package var reasons: [ValidationReason]
        /// A hash of the record's bytes: see ``ContentHash``.
        package var contentHash: Int64
    }
}
