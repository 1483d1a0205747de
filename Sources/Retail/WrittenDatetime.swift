/// A datetime as a record writes it: `YYYY-MM-DDTHH:MM:SS`, a blank for the `T`, a fraction, `Z` or `±HH:MM`.
struct WrittenDatetime: Hashable {
    /// The written date and time as if UTC; nil when the calendar or the clock has none such.
    private(set) var seconds: Int64?
    /// The first six digits of the fraction; 0 without one.
    private(set) var microseconds: Int64 = 0
    /// Whether there is a fraction.
    private(set) var hasFraction = false
    /// The written distance from UTC in seconds, 0 for `Z`; nil when none is written.
    private(set) var offsetSeconds: Int64?

    /// Reads the text as a whole; nil when it is not written like a datetime.
    init?(_ text: UnsafeBufferPointer<UInt8>) {
        guard text.count >= CivilTime.textLength,
            text[4] == Ascii.minus, text[7] == Ascii.minus,
            text[10] == Ascii.uppercaseT || text[10] == Ascii.blank,
            text[13] == Ascii.colon, text[16] == Ascii.colon,
            let century = Self.twoDigits(text, 0), let yearOfCentury = Self.twoDigits(text, 2),
            let month = Self.twoDigits(text, 5), let day = Self.twoDigits(text, 8),
            let hour = Self.twoDigits(text, 11), let minute = Self.twoDigits(text, 14),
            let second = Self.twoDigits(text, 17)
        else { return nil }
        seconds = CivilTime.seconds(
            year: century * 100 + yearOfCentury, month: month, day: day, hour: hour, minute: minute, second: second)
        if text.count > CivilTime.textLength, !readRest(text) { return nil }
    }

    /// The fraction and the zone, which few records have.
    private mutating func readRest(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        var index = CivilTime.textLength
        if text[index] == Ascii.point {
            hasFraction = true
            index += 1
            let first = index
            var weight: Int64 = 100_000
            while index < text.count, let digit = Ascii.digit(text[index]) {
                microseconds += Int64(digit) * weight
                weight /= 10
                index += 1
            }
            guard index > first else { return false }
        }
        guard index < text.count else { return true }
        let sign = text[index]
        if sign == Ascii.uppercaseZ {
            offsetSeconds = 0
            return index + 1 == text.count
        }
        guard sign == Ascii.plus || sign == Ascii.minus, index + 6 == text.count, text[index + 3] == Ascii.colon,
            let hours = Self.twoDigits(text, index + 1), let minutes = Self.twoDigits(text, index + 4)
        else { return false }
        if hours > 23 || minutes > 59 { seconds = nil }
        let size = Int64(hours * 3_600 + minutes * 60)
        offsetSeconds = sign == Ascii.minus ? -size : size
        return true
    }

    @inline(__always)
    private static func twoDigits(_ text: UnsafeBufferPointer<UInt8>, _ index: Int) -> Int? {
        guard let tens = Ascii.digit(text[index]), let ones = Ascii.digit(text[index + 1]) else { return nil }
        return Int(tens) * 10 + Int(ones)
    }
}
