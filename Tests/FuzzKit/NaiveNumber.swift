/// A JSON number as its digits, as one would do it on paper.
struct NaiveNumber {
    /// Whether it begins with a minus sign.
    var isNegative = false
    /// The digits before and behind the point, without zeros at either end.
    var digits: [UInt8] = []
    /// The power of ten that the digits, as a whole number, are to be multiplied by; held to ±10^12.
    var exponent = 0

    /// Reads a text that is a JSON number as a whole; nil for any other.
    init?(_ text: String) {
        var rest = Substring(text)
        if rest.first == "-" {
            isNegative = true
            rest.removeFirst()
        }
        let mantissaEnd = rest.firstIndex { $0 == "e" || $0 == "E" } ?? rest.endIndex
        if mantissaEnd < rest.endIndex {
            guard let power = Self.power(rest[rest.index(after: mantissaEnd)...]) else { return nil }
            exponent = power
        }
        let parts = rest[..<mantissaEnd].split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.allSatisfy(Self.isDigits), let whole = parts.first else { return nil }
        guard whole.utf8.count == 1 || whole.first != "0" else { return nil }
        if parts.count == 2 { exponent -= parts[1].utf8.count }
        digits = parts.joined().utf8.map { $0 - UInt8(ascii: "0") }
        while digits.last == 0 {
            digits.removeLast()
            exponent += 1
        }
        digits = Array(digits.drop { $0 == 0 })
        if digits.isEmpty { exponent = 0 }
    }

    /// The value times 10^`decimals`; nil when that is no whole number, or larger in size than `sizeMax`.
    func scaled(decimals: Int, sizeMax: Int64) -> Int64? {
        if digits.isEmpty { return 0 }
        let zeros = exponent + decimals
        guard zeros >= 0, digits.count + zeros <= 19 else { return nil }
        let text = digits.map { String($0) }.joined() + String(repeating: "0", count: zeros)
        guard let size = UInt64(text), size <= UInt64(sizeMax) else { return nil }
        return isNegative ? -Int64(size) : Int64(size)
    }

    private static func isDigits(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    private static func power(_ text: Substring) -> Int? {
        let sign = text.first == "-" || text.first == "+" ? text.prefix(1) : ""
        let size = text.dropFirst(sign.count)
        guard isDigits(size) else { return nil }
        let significant = size.drop { $0 == "0" }
        let value = significant.utf8.count > 12 ? 1_000_000_000_000 : Int(significant) ?? 0
        return sign == "-" ? -value : value
    }
}
