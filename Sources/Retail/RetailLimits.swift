/// The sizes that the contract gives to a valid record, in one place.
package enum RetailLimits {
    /// The largest number of lines of one sale.
    package static let linesMax = 1_000
    /// The largest size of a line's quantity: 10^9.
    package static let quantityMax: Int64 = 1_000_000_000
    /// The largest size of a line's amount and of a price, in 1/10,000: 10^11 currency units.
    package static let amountUnitsMax: Int64 = 1_000_000_000_000_000
    /// The largest size of a sale's total, in 1/10,000: what 1,000 lines of the largest amount add up to.
    ///
    /// The contract limits the lines and not the total, so the total is held to no less than they can reach.
    package static let totalUnitsMax: Int64 = 1_000_000_000_000_000_000
    /// The largest number of reasons that are told of one record; a last one says how many more there were.
    package static let reasonsMax = 4_096
}
