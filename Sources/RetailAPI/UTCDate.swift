/// A date of the Gregorian calendar with its time of day, in UTC.
struct UTCDate: Hashable {
    var year: Int
    var month: Int
    var day: Int
    var hour = 0
    var minute = 0
    var second = 0

    init(year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0) {
        self.year = year
        self.month = month
        self.day = day
        self.hour = hour
        self.minute = minute
        self.second = second
    }

    /// The date so many seconds after 1970-01-01T00:00:00Z. Years are counted from March, so that the leap day is last.
    init(secondsSince1970 seconds: Int64) {
        let days = Int(seconds.flooredQuotient(by: 86_400))
        let secondOfDay = Int(seconds) - days * 86_400
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        hour = secondOfDay / 3_600
        minute = secondOfDay / 60 % 60
        second = secondOfDay % 60
    }

    /// The date so many microseconds after 1970-01-01T00:00:00Z, without its fraction of a second.
    init(microseconds: Int64) {
        self.init(secondsSince1970: microseconds.flooredQuotient(by: 1_000_000))
    }

    /// Year, month and day in digits.
    func day(separator: String) -> String {
        [UTCDate.padded(year, 4), UTCDate.padded(month, 2), UTCDate.padded(day, 2)].joined(separator: separator)
    }

    /// `YYYY-MM-DDTHH:MM:SS.ffffffZ`.
    static func text(ofMicroseconds instant: Int64) -> String {
        let date = UTCDate(microseconds: instant)
        let time = [date.hour, date.minute, date.second].map { padded($0, 2) }.joined(separator: ":")
        let fraction = Int(instant - instant.flooredQuotient(by: 1_000_000) * 1_000_000)
        return "\(date.day(separator: "-"))T\(time).\(padded(fraction, 6))Z"
    }

    /// A number with zeros before it.
    static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// The seconds since 1970-01-01T00:00:00Z.
    var secondsSince1970: Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        let days = era * 146_097 + dayOfEra - 719_468
        return Int64(days) * 86_400 + Int64(hour * 3_600 + minute * 60 + second)
    }
}

extension Int64 {
    /// Division that rounds down, also below zero.
    func flooredQuotient(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}
