import Foundation
import Retail
import RetailTestKit
import Testing

@Suite("Money")
struct MoneyTests {
    @Test(
        "is read exactly from the text of a JSON number",
        arguments: [
            ("0", 0), ("-0", 0), ("0.0", 0), ("1", 10_000), ("15.30", 153_000), ("139.12", 1_391_200),
            ("-15.3", -153_000), ("0.0001", 1), ("-0.0001", -1), ("0.00010000000", 1), ("1.00000", 10_000),
            ("1e2", 1_000_000), ("1E+2", 1_000_000), ("1.5e-3", 15), ("100e-2", 10_000), ("123456e-4", 123_456),
            ("1000000e-10", 1), ("0.1", 1_000), ("0.3", 3_000), ("8.2", 82_000),
            ("100000000000", 1_000_000_000_000_000),
            ("1e11", 1_000_000_000_000_000), ("-1e11", -1_000_000_000_000_000),
            ("99999999999.9999", 999_999_999_999_999),
            ("0e999999999", 0), ("0e-999999999", 0), ("-0.000e99999999999999999999999999", 0),
            ("0.00000000000000000000000000000000000001e38", 10_000),
            ("10000000000000000000000000000000000000e-37", 10_000),
            ("1.0000000000000000000000000000000000000000", 10_000),
        ] as [(String, Int64)])
    func read(text: String, units: Int64) {
        #expect(Money(jsonNumber: text) == Money(units: units))
    }

    @Test(
        "is not read from what is no JSON number, too precise or too large",
        arguments: [
            "", " ", "-", "+1", ".5", "5.", "1.e2", "01", "-01", "00", "1e", "1e+", "1 ", " 1", "1,5", "0x10", "NaN",
            "Infinity", "1_000", "١", "1e5.0", "--1", "1-", "e5", "0.00001", "1e-5", "1.23456",
            "0.10000000000000000001",
            "100000000000.0001", "1e12", "-1e12", "100000000001", "1e400000000", "1e-400000000",
            "99999999999999999999999999", "1e99999999999999999999999999999", "123456789012345678901234567890e-19",
            "9223372036854775808", "18446744073709551616", "922337203685477.58080000000000000001",
        ])
    func refused(text: String) {
        #expect(Money(jsonNumber: text) == nil)
    }

    @Test("reads numbers of a million digits in one pass")
    func long() {
        let zeros = String(repeating: "0", count: 1_000_000)
        #expect(Money(jsonNumber: "1.5" + zeros) == Money(units: 15_000))
        #expect(Money(jsonNumber: "0." + zeros + "1e1000001") == Money(units: 10_000))
        #expect(Money(jsonNumber: "1" + zeros + "e-1000000") == Money(units: 10_000))
        #expect(Money(jsonNumber: "1" + zeros) == nil)
        #expect(Money(jsonNumber: "0." + zeros + "1") == nil)
        #expect(Money(jsonNumber: String(repeating: "7", count: 1_000_000)) == nil)
    }

    @Test("agrees with Foundation's Decimal on random numbers", arguments: [UInt64(7_411)])
    func random(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<50_000 {
            let text = randomNumber(&generator)
            let exact = try #require(Decimal(string: text, locale: Locale(identifier: "en_US_POSIX")))
            var scaled = exact * 10_000
            var whole = Decimal()
            NSDecimalRound(&whole, &scaled, 0, .plain)
            let isValid = whole == scaled && abs(whole) <= Decimal(1_000_000_000_000_000)
            let expected = isValid ? Money(units: NSDecimalNumber(decimal: whole).int64Value) : nil
            #expect(Money(jsonNumber: text) == expected, "seed \(seed): \(text)")
        }
    }

    @Test("is written with two to four decimals")
    func description() {
        let expected: [(Int64, String)] = [
            (0, "0.00"), (1_391_200, "139.12"), (153_000, "15.30"), (-5, "-0.0005"), (12_345, "1.2345"),
            (12_340, "1.234"), (-10_000, "-1.00"), (.max, "922337203685477.5807"), (.min, "-922337203685477.5808"),
        ]
        for (units, text) in expected {
            #expect(Money(units: units).description == text)
        }
    }

    @Test("is ordered by its units")
    func order() {
        #expect(Money(units: -1) < Money.zero)
        #expect(Money.zero < Money(units: 1))
    }

    /// At most 27 significant digits, so that Decimal holds it exactly.
    private func randomNumber(_ generator: inout SeededGenerator) -> String {
        var text = Bool.random(using: &generator) ? "-" : ""
        let integerDigits = Int.random(in: 1...14, using: &generator)
        text += integerDigits == 1 ? "" : String(Int.random(in: 1...9, using: &generator))
        for _ in 1..<max(integerDigits, 2) {
            text += String(Int.random(in: 0...9, using: &generator))
        }
        if Bool.random(using: &generator) {
            text += "."
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                text += String(Int.random(in: 0...9, using: &generator))
            }
            text += String(repeating: "0", count: Int.random(in: 0...6, using: &generator))
            if Int.random(in: 0..<4, using: &generator) == 0 { text += "3" }
        }
        if Int.random(in: 0..<3, using: &generator) == 0 {
            text += ["e", "E", "e+", "e-", "E-"].randomElement(using: &generator) ?? "e"
            text += String(Int.random(in: 0...8, using: &generator))
        }
        return text
    }
}
