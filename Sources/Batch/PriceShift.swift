/// What happened to the prices of the products that two refreshes have in common.
struct PriceShift {
    /// Fewer prices than this make no "nearly all of them changed": in a small shop they may well.
    static let allChangedMin = 10
    /// From this share of changed prices on, nearly all have.
    static let allChangedShare = 0.9
    /// How far a factor may be off and still be the same: prices are rounded after they are multiplied.
    static let factorTolerance = 0.01
    private static let roundingUnits = 100.0  // one hundredth of the currency, in 1/10,000

    let compared: Int
    let changed: Int
    /// Of the changed ones: how many have changed by the same factor, and by which; 0 and 1 when none has.
    let alike: Int
    let factor: Double

    /// - Parameter prices: before and after, in 1/10,000.
    init(_ prices: [(before: Int64, after: Int64)]) {
        compared = prices.count
        let changes = prices.filter { $0.before != $0.after }
        changed = changes.count
        let priced = changes.filter { $0.before > 0 }.map { (before: Double($0.before), after: Double($0.after)) }
        let factors = priced.map { $0.after / $0.before }.sorted()
        // A factor that most have is the one in the middle.
        guard !factors.isEmpty else {
            (alike, factor) = (0, 1)
            return
        }
        let middle = factors[factors.count / 2]
        factor = middle
        alike = priced.count { price in
            let expected = price.before * middle
            return abs(price.after - expected) <= max(expected * Self.factorTolerance, Self.roundingUnits)
        }
    }

    /// Why it is absurd, in words; nil when it is not.
    var objection: String? {
        if compared >= 2, alike * 2 > compared {
            let shown = (factor * 10_000).rounded() / 10_000
            return "\(alike) of \(compared) prices changed by the same factor, \(shown)"
        }
        if compared >= Self.allChangedMin, Double(changed) >= Self.allChangedShare * Double(compared) {
            return "\(changed) of \(compared) prices changed"
        }
        return nil
    }
}
