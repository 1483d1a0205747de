/// One case of the discount formula, for every engine that computes it. Money in 1/10,000.
package struct DiscountCase: Sendable, Hashable, CustomStringConvertible {
    /// What was paid for all pieces together.
    package var amount: Int64
    /// How many pieces.
    package var quantity: Int64
    /// The price of one piece.
    package var unitAmount: Int64
    /// The discount in steps of 0.01 %; nil for null.
    package var basisPoints: Int64?
    /// Why the case is here.
    package var why: String

    /// The numbers and why they are here.
    package var description: String { "\(amount) for \(quantity) × \(unitAmount): \(why)" }

    /// The largest `quantity × unit_amount` and amount that have a discount.
    package static let limit: Int64 = 400_000_000_000_000

    /// Every case.
    package static let all: [DiscountCase] = [
        DiscountCase(amount: 75_000, quantity: 1, unitAmount: 100_000, basisPoints: 2_500, why: "25 %"),
        DiscountCase(amount: 153_000, quantity: 6, unitAmount: 25_500, basisPoints: 0, why: "the full price"),
        DiscountCase(amount: 0, quantity: 3, unitAmount: 12_345, basisPoints: 10_000, why: "given away"),
        DiscountCase(amount: 200_000, quantity: 1, unitAmount: 100_000, basisPoints: -10_000, why: "twice the price"),
        DiscountCase(amount: 1, quantity: 3, unitAmount: 1, basisPoints: 6_667, why: "66.666… % rounds up"),
        DiscountCase(amount: 2, quantity: 3, unitAmount: 1, basisPoints: 3_333, why: "33.333… % rounds down"),
        DiscountCase(amount: 4, quantity: 3, unitAmount: 1, basisPoints: -3_333, why: "−33.333… % rounds toward zero"),
        DiscountCase(amount: 5, quantity: 3, unitAmount: 1, basisPoints: -6_667, why: "−66.666… % rounds away"),
        // Exact ties: a discount that ends in half a step goes away from zero.
        DiscountCase(amount: 19_999, quantity: 1, unitAmount: 20_000, basisPoints: 1, why: "tie at 0.005 %"),
        DiscountCase(amount: 20_001, quantity: 1, unitAmount: 20_000, basisPoints: -1, why: "tie at −0.005 %"),
        DiscountCase(amount: 19_997, quantity: 1, unitAmount: 20_000, basisPoints: 2, why: "tie at 0.015 %"),
        DiscountCase(amount: 20_003, quantity: 1, unitAmount: 20_000, basisPoints: -2, why: "tie at −0.015 %"),
        DiscountCase(amount: 199_990, quantity: 2, unitAmount: 100_000, basisPoints: 1, why: "tie with two pieces"),
        DiscountCase(amount: 39_999, quantity: 1, unitAmount: 40_000, basisPoints: 0, why: "0.0025 % is no tie"),
        DiscountCase(amount: 39_997, quantity: 1, unitAmount: 40_000, basisPoints: 1, why: "0.0075 % rounds up"),
        DiscountCase(amount: 7_125, quantity: 4, unitAmount: 2_000, basisPoints: 1_094, why: "10.9375 %"),
        DiscountCase(amount: -1, quantity: 1, unitAmount: 20_000, basisPoints: 10_001, why: "tie beyond 100 %"),
        // Returns: negative quantity, negative amount, and one without the other.
        DiscountCase(amount: -75_000, quantity: -1, unitAmount: 100_000, basisPoints: 2_500, why: "a return at 25 %"),
        DiscountCase(
            amount: -19_999, quantity: -1, unitAmount: 20_000, basisPoints: 1, why: "a return, tie at 0.005 %"),
        DiscountCase(
            amount: -20_001, quantity: -1, unitAmount: 20_000, basisPoints: -1, why: "a return, tie at −0.005 %"),
        DiscountCase(amount: -2, quantity: -3, unitAmount: 1, basisPoints: 3_333, why: "a return, 33.333… %"),
        DiscountCase(amount: 75_000, quantity: -1, unitAmount: 100_000, basisPoints: 17_500, why: "paid for a return"),
        DiscountCase(
            amount: -75_000, quantity: 1, unitAmount: 100_000, basisPoints: 17_500, why: "money back for a sale"),
        DiscountCase(amount: 1, quantity: -20_000, unitAmount: 1, basisPoints: 10_001, why: "a tie between signs"),
        // No price: no discount.
        DiscountCase(amount: 10_000, quantity: 0, unitAmount: 25_500, basisPoints: nil, why: "no pieces"),
        DiscountCase(amount: 10_000, quantity: 5, unitAmount: 0, basisPoints: nil, why: "no price"),
        DiscountCase(amount: 0, quantity: 0, unitAmount: 0, basisPoints: nil, why: "nothing at all"),
        DiscountCase(
            amount: -10_000, quantity: 0, unitAmount: 1_000_000_000_000_000, basisPoints: nil, why: "no pieces of much"),
        // At the limits and one step beyond.
        DiscountCase(amount: 0, quantity: 1, unitAmount: limit, basisPoints: 10_000, why: "gross at the limit"),
        DiscountCase(amount: 0, quantity: 1, unitAmount: limit + 1, basisPoints: nil, why: "gross above the limit"),
        DiscountCase(
            amount: 0, quantity: -1, unitAmount: limit, basisPoints: 10_000, why: "gross at the limit, returned"),
        DiscountCase(
            amount: 0, quantity: -1, unitAmount: limit + 1, basisPoints: nil, why: "gross above the limit, returned"),
        DiscountCase(
            amount: 0, quantity: 400_000, unitAmount: 1_000_000_000, basisPoints: 10_000, why: "a product at the limit"),
        DiscountCase(
            amount: 0, quantity: 400_001, unitAmount: 1_000_000_000, basisPoints: nil, why: "a product above the limit"),
        DiscountCase(
            amount: 0, quantity: 3, unitAmount: limit / 3, basisPoints: 10_000, why: "the last that fits three times"),
        DiscountCase(
            amount: 0, quantity: 3, unitAmount: limit / 3 + 1, basisPoints: nil, why: "the first that does not"),
        DiscountCase(amount: limit, quantity: 1, unitAmount: limit, basisPoints: 0, why: "both at the limit"),
        DiscountCase(
            amount: -limit, quantity: 1, unitAmount: limit, basisPoints: 20_000, why: "far apart: the largest numerator"
        ),
        DiscountCase(
            amount: limit, quantity: -1, unitAmount: limit, basisPoints: 20_000,
            why: "far apart: the smallest numerator"),
        DiscountCase(
            amount: limit + 1, quantity: 1, unitAmount: limit, basisPoints: nil, why: "amount above the limit"),
        DiscountCase(
            amount: -limit - 1, quantity: 1, unitAmount: 10_000, basisPoints: nil, why: "amount below the limit"),
        DiscountCase(
            amount: limit, quantity: 1, unitAmount: 1, basisPoints: -3_999_999_999_999_990_000,
            why: "the smallest discount"),
        DiscountCase(
            amount: -limit, quantity: 1, unitAmount: 1, basisPoints: 4_000_000_000_000_010_000,
            why: "the largest discount"),
        DiscountCase(
            amount: limit - 1, quantity: 1, unitAmount: limit, basisPoints: 0, why: "a huge gross, next to nothing off"),
        DiscountCase(
            amount: limit - 20_000_000_000, quantity: 1, unitAmount: limit, basisPoints: 1,
            why: "a huge gross, an exact tie"),
        DiscountCase(
            amount: limit - 19_999_999_999, quantity: 1, unitAmount: limit, basisPoints: 0,
            why: "a huge gross, just below a tie"),
        // What a valid sale and a valid price may hold at most.
        DiscountCase(
            amount: 1_000_000_000_000_000, quantity: 1_000_000_000, unitAmount: 1_000_000_000_000_000, basisPoints: nil,
            why: "all at their largest"),
        DiscountCase(
            amount: 10_000, quantity: 1_000_000_000, unitAmount: 400_000, basisPoints: 10_000,
            why: "10^9 pieces at the limit"),
        DiscountCase(
            amount: 10_000, quantity: 1_000_000_000, unitAmount: 400_001, basisPoints: nil,
            why: "10^9 pieces above the limit"),
    ]
}
