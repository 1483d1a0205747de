/// The discount of a mart row, in integers that cannot overflow and that SQL can repeat step by step.
///
/// `discount_perc` = `100 × (1 − amount ÷ (quantity × unit_amount))` with two decimals, half away from zero.
/// With `gross = quantity × unit_amount` that is, in steps of 0.01 %, `10,000 × (gross − amount) ÷ gross`.
/// Division truncates toward zero (as in SQL), then the remainder decides:
/// ```
/// numerator = 10000 * (gross - amount)
/// quotient  = numerator / gross
/// remainder = numerator - quotient * gross
/// if 2 * |remainder| >= |gross|: quotient += (numerator < 0) == (gross < 0) ? 1 : -1
/// ```
/// With `|gross|` and `|amount|` up to ``unitsMax`` the numerator is at most 8 × 10^18, which 64 bits hold.
package enum Discount {
    /// The largest size of `quantity × unit_amount` and of `amount` that has a discount, in 1/10,000:
    /// 4 × 10^10 currency units.
    package static let unitsMax: Int64 = 400_000_000_000_000
    /// How many steps of the result make 100 %.
    package static let basisPointsPerWhole: Int64 = 10_000

    /// The discount in steps of 0.01 % (2,500 is 25 %; negative when more than the price was paid).
    ///
    /// Nil when `quantity × unitAmount` is 0, and when ``exceedsLimits(amount:quantity:unitAmount:)``.
    ///
    /// - Parameters:
    ///   - amount: What was paid for all pieces together, in 1/10,000.
    ///   - quantity: How many pieces; negative for a return.
    ///   - unitAmount: The price of one piece, in 1/10,000.
    package static func basisPoints(amount: Int64, quantity: Int64, unitAmount: Int64) -> Int64? {
        guard quantity != 0, unitAmount != 0,
            !exceedsLimits(amount: amount, quantity: quantity, unitAmount: unitAmount)
        else { return nil }
        let gross = quantity * unitAmount
        let numerator = basisPointsPerWhole * (gross - amount)
        let (quotient, remainder) = numerator.quotientAndRemainder(dividingBy: gross)
        guard 2 * remainder.magnitude >= gross.magnitude else { return quotient }
        return quotient + ((numerator < 0) == (gross < 0) ? 1 : -1)
    }

    /// Whether the formula has no result because a number is too large for it, which is counted apart.
    ///
    /// True when `|quantity| × |unitAmount|` or `|amount|` is more than ``unitsMax``; found by division, so that
    /// nothing is multiplied before it is known to fit.
    package static func exceedsLimits(amount: Int64, quantity: Int64, unitAmount: Int64) -> Bool {
        let limit = UInt64(unitsMax)
        if amount.magnitude > limit { return true }
        return unitAmount != 0 && quantity.magnitude > limit / unitAmount.magnitude
    }
}
