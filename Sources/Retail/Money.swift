/// An exact amount of money: an integer count of 1/10,000 of a currency unit.
///
/// No floating-point number is involved anywhere; 139.12 is `Money(units: 1_391_200)`.
package struct Money: Sendable, Hashable, Comparable {
    /// How many units one unit of the currency has: 10,000, that is four decimals.
    package static let unitsPerCurrencyUnit: Int64 = 10_000
    /// How many decimals are kept.
    package static let decimals = 4
    /// No money at all.
    package static let zero = Money(units: 0)

    /// The amount in 1/10,000 of a currency unit.
    package var units: Int64

    /// Makes an amount from 1/10,000 of a currency unit.
    package init(units: Int64) {
        self.units = units
    }

    /// Reads the text of a JSON number (`15.30`, `1e2`) exactly.
    ///
    /// Nil when the text is no JSON number, needs more than four decimals after its trailing zeros, or is
    /// larger in size than 10^11 currency units, which is what a valid sale line or price may hold.
    package init?(jsonNumber text: some StringProtocol) {
        let units = Array(text.utf8).withUnsafeBufferPointer { bytes in
            try? ExactDecimal(jsonNumber: bytes).scaled(decimals: Money.decimals, sizeMax: RetailLimits.amountUnitsMax)
        }
        guard let units else { return nil }
        self.units = units
    }

    package static func < (left: Money, right: Money) -> Bool {
        left.units < right.units
    }
}

extension Money: CustomStringConvertible {
    /// The amount as decimal text with at least two and at most four decimals: `139.12`, `-0.0005`, `5.00`.
    package var description: String {
        let whole = units.magnitude / UInt64(Money.unitsPerCurrencyUnit)
        var fraction = String(units.magnitude % UInt64(Money.unitsPerCurrencyUnit))
        fraction = String(repeating: "0", count: Money.decimals - fraction.count) + fraction
        while fraction.count > 2, fraction.hasSuffix("0") {
            fraction.removeLast()
        }
        return "\(units < 0 ? "-" : "")\(whole).\(fraction)"
    }
}
