/// Times of the log: UTC, to the millisecond.
package enum Timestamp {
    /// `2026-11-21T12:00:00.000Z`, from microseconds since 1970.
    package static func text(microseconds: Int64) -> String {
        let (day, ofDay) = divide(microseconds / 1_000 - (microseconds % 1_000 < 0 ? 1 : 0), by: 86_400_000)
        // Days to a civil date: years that begin in March put the leap day at their end.
        let (era, dayOfEra) = divide(day + 719_468, by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let dayOfMonth = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let seconds = ofDay / 1_000
        var text = padded(year, 4)
        text += "-"
        text += padded(month, 2)
        text += "-"
        text += padded(dayOfMonth, 2)
        text += "T"
        text += padded(seconds / 3_600, 2)
        text += ":"
        text += padded(seconds / 60 % 60, 2)
        text += ":"
        text += padded(seconds % 60, 2)
        text += "."
        text += padded(ofDay % 1_000, 3)
        text += "Z"
        return text
    }

    private static func divide(_ value: Int64, by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return digits.count < width ? String(repeating: "0", count: width - digits.count) + digits : digits
    }
}
