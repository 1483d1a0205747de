import Retail
import RetailTestKit
import Testing

@Suite("The discount of a mart row")
struct DiscountTests {
    @Test("follows rule 10", arguments: DiscountCase.all)
    func table(expected: DiscountCase) {
        #expect(
            Discount.basisPoints(
                amount: expected.amount, quantity: expected.quantity, unitAmount: expected.unitAmount)
                == expected.basisPoints)
    }

    @Test("has no value beyond its limits, and says so")
    func limits() {
        #expect(Discount.unitsMax == DiscountCase.limit)
        for expected in DiscountCase.all {
            let exceeds = Discount.exceedsLimits(
                amount: expected.amount, quantity: expected.quantity, unitAmount: expected.unitAmount)
            let hasGross = expected.quantity != 0 && expected.unitAmount != 0
            #expect((expected.basisPoints == nil && hasGross) == exceeds, "\(expected)")
        }
    }

    @Test("never overflows, whatever the numbers")
    func extremes() {
        let extremes: [Int64] = [.min, .min + 1, -DiscountCase.limit, -1, 0, 1, DiscountCase.limit, .max - 1, .max]
        for amount in extremes {
            for quantity in extremes {
                for unitAmount in extremes {
                    let result = Discount.basisPoints(amount: amount, quantity: quantity, unitAmount: unitAmount)
                    #expect(result == reference(amount, quantity, unitAmount))
                }
            }
        }
    }

    @Test("agrees with a 128-bit reference", arguments: [UInt64(20_261_121)])
    func random(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<200_000 {
            let quantity = Int64.random(in: -1_000...1_000, using: &generator)
            let unitAmount = Int64.random(in: 0...(1 << Int64.random(in: 0...50, using: &generator)), using: &generator)
            let gross = quantity.multipliedReportingOverflow(by: unitAmount).partialValue
            // Near a tie: a half step of the gross, and one unit to either side.
            let tie = gross / 20_000 * Int64.random(in: -40_000...40_000, using: &generator)
            let amount =
                Bool.random(using: &generator)
                ? tie &+ Int64.random(in: -1...1, using: &generator)
                : Int64.random(in: -(1 << 50)...(1 << 50), using: &generator)
            let result = Discount.basisPoints(amount: amount, quantity: quantity, unitAmount: unitAmount)
            #expect(
                result == reference(amount, quantity, unitAmount), "seed \(seed): \(amount) \(quantity) \(unitAmount)")
        }
    }

    /// The formula in 128 bits, rounded by doubling and adding instead of by the remainder.
    private func reference(_ amount: Int64, _ quantity: Int64, _ unitAmount: Int64) -> Int64? {
        let gross = Int128(quantity) * Int128(unitAmount)
        let limit = Int128(DiscountCase.limit)
        guard gross != 0, gross.magnitude <= limit.magnitude, Int128(amount).magnitude <= limit.magnitude else {
            return nil
        }
        let isNegative = (gross - Int128(amount) < 0) != (gross < 0)
        let numerator = (gross - Int128(amount)).magnitude * 20_000
        let size = Int64((numerator + gross.magnitude) / (2 * gross.magnitude))
        return isNegative ? -size : size
    }
}
