/// The exact value of a JSON number's text: a coefficient of up to 19 digits and a power of ten.
///
/// Reading it costs one pass over the digits and no memory, however many digits and whatever the exponent:
/// `0e999999999` is 0, and `1e400000000` is known to be too large without being written out.
struct ExactDecimal: Hashable {
    /// Why a text has no such value, or a value does not fit.
    enum Fault: Error, Hashable {
        /// The text is not a JSON number.
        case notANumber
        /// Digits other than zero remain beyond the decimals that are kept.
        case tooManyDecimals
        /// The value is larger in size than allowed.
        case outOfRange
    }

    /// Whether the text began with a minus sign (also `-0`).
    private(set) var isNegative = false
    /// The significant digits without leading and trailing zeros, as a number; 0 for zero.
    private(set) var coefficient: UInt64 = 0
    /// The power of ten that the coefficient is to be multiplied by; 0 for zero.
    private(set) var exponent = 0
    /// Whether there are more than 19 significant digits, so that `coefficient` holds only the first 19.
    private(set) var isLong = false

    /// Exponents are held to this size: far beyond any that digits of a record could outweigh.
    private static let exponentMax = 1_000_000_000_000_000

    /// Reads a text that must be a JSON number as a whole: `-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?`.
    init(jsonNumber text: UnsafeBufferPointer<UInt8>) throws(Fault) {
        var index = 0
        let count = text.count
        if index < count, text[index] == Ascii.minus {
            isNegative = true
            index += 1
        }
        var significant = Significant()
        let firstDigit = index
        while index < count, let digit = Ascii.digit(text[index]) {
            significant.append(digit)
            index += 1
        }
        guard index > firstDigit, index - firstDigit == 1 || text[firstDigit] != Ascii.zero else {
            throw .notANumber
        }
        var fractionDigits = 0
        if index < count, text[index] == Ascii.point {
            index += 1
            let firstFractionDigit = index
            while index < count, let digit = Ascii.digit(text[index]) {
                significant.append(digit)
                index += 1
            }
            fractionDigits = index - firstFractionDigit
            guard fractionDigits > 0 else { throw .notANumber }
        }
        var written = 0
        if index < count, text[index] | 0x20 == Ascii.lowercaseE {
            index += 1
            var isExponentNegative = false
            if index < count, text[index] == Ascii.plus || text[index] == Ascii.minus {
                isExponentNegative = text[index] == Ascii.minus
                index += 1
            }
            let firstExponentDigit = index
            while index < count, let digit = Ascii.digit(text[index]) {
                written = min(written * 10 + Int(digit), Self.exponentMax)
                index += 1
            }
            guard index > firstExponentDigit else { throw .notANumber }
            if isExponentNegative { written = -written }
        }
        guard index == count else { throw .notANumber }
        coefficient = significant.coefficient
        isLong = significant.isLong
        exponent = coefficient == 0 ? 0 : written - fractionDigits + significant.zerosAfter
    }

    /// The value times 10^`decimals` as an integer, if it is one and its size is at most `sizeMax`.
    func scaled(decimals: Int, sizeMax: Int64) throws(Fault) -> Int64 {
        guard coefficient != 0 else { return 0 }
        let power = exponent + decimals
        guard power >= 0 else { throw .tooManyDecimals }
        // 19 zeros and one digit are beyond 64 bits already.
        guard !isLong, power < 19 else { throw .outOfRange }
        var size = coefficient
        for _ in 0..<power {
            let product = size.multipliedReportingOverflow(by: 10)
            guard !product.overflow else { throw .outOfRange }
            size = product.partialValue
        }
        guard size <= UInt64(sizeMax) else { throw .outOfRange }
        return isNegative ? -Int64(size) : Int64(size)
    }
}

/// Digits gathered one by one; zeros are held back until a digit after them shows that they count.
private struct Significant {
    var coefficient: UInt64 = 0
    var zerosAfter = 0
    var isLong = false
    private var digits = 0

    init() {}

    mutating func append(_ digit: UInt8) {
        if digit == 0 {
            // Before the first digit a zero says nothing; the power of ten follows from the fraction's length.
            if digits > 0 { zerosAfter += 1 }
            return
        }
        while zerosAfter > 0, !isLong {
            push(0)
            zerosAfter -= 1
        }
        if !isLong { push(digit) }
        if isLong { zerosAfter = 0 }
    }

    private mutating func push(_ digit: UInt8) {
        guard digits < 19 else {
            isLong = true
            return
        }
        coefficient = coefficient * 10 + UInt64(digit)
        digits += 1
    }
}
