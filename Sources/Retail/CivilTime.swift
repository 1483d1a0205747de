/// Dates and times of the proleptic Gregorian calendar as seconds since 1970-01-01 00:00:00, without any time zone.
///
/// The years 1 to 9999, days of 86,400 seconds: a second 60 does not exist.
package enum CivilTime {
    /// The first second that exists: 0001-01-01 00:00:00.
    package static let secondsMin: Int64 = -62_135_596_800
    /// The last second that exists: 9999-12-31 23:59:59.
    package static let secondsMax: Int64 = 253_402_300_799
    /// How many bytes `YYYY-MM-DD HH:MM:SS` has.
    package static let textLength = 19
    /// The seconds of a day.
    package static let secondsPerDay: Int64 = 86_400

    /// The seconds of a date and time; nil when the calendar or the clock has none such (2023-02-29, 24:00:00).
    package static func seconds(
        year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0
    ) -> Int64? {
        guard (1...9_999).contains(year), (1...12).contains(month), day >= 1, day <= days(inMonth: month, ofYear: year),
            (0..<24).contains(hour), (0..<60).contains(minute), (0..<60).contains(second)
        else { return nil }
        return days(year: year, month: month, day: day) * secondsPerDay + Int64(hour * 3_600 + minute * 60 + second)
    }

    /// Reads `YYYY-MM-DD HH:MM:SS` (or with `T` in the middle); nil for anything else.
    package static func seconds(of text: String) -> Int64? {
        let written = Array(text.utf8).withUnsafeBufferPointer { WrittenDatetime($0) }
        guard let written, written.offsetSeconds == nil, !written.hasFraction else { return nil }
        return written.seconds
    }

    /// Writes `YYYY-MM-DD HH:MM:SS`.
    ///
    /// - Parameter seconds: From ``secondsMin`` to ``secondsMax``; what lies outside is written as the nearest of them.
    package static func text(of seconds: Int64) -> String {
        String(unsafeUninitializedCapacity: textLength) { buffer in
            write(seconds, to: buffer)
            return textLength
        }
    }

    /// Writes `YYYY-MM-DD HH:MM:SS` into the first ``textLength`` bytes of a buffer, for the hot path.
    ///
    /// - Parameter seconds: From ``secondsMin`` to ``secondsMax``; what lies outside is written as the nearest of them.
    package static func write(_ seconds: Int64, to buffer: UnsafeMutableBufferPointer<UInt8>) {
        precondition(buffer.count >= textLength)
        let held = min(max(seconds, secondsMin), secondsMax)
        let day = held >= 0 ? held / secondsPerDay : (held + 1) / secondsPerDay - 1
        let clock = Int(held - day * secondsPerDay)
        let date = civilDate(ofDay: day)
        put(date.year / 100, to: buffer, at: 0)
        put(date.year % 100, to: buffer, at: 2)
        buffer[4] = Ascii.minus
        put(date.month, to: buffer, at: 5)
        buffer[7] = Ascii.minus
        put(date.day, to: buffer, at: 8)
        buffer[10] = Ascii.blank
        put(clock / 3_600, to: buffer, at: 11)
        buffer[13] = Ascii.colon
        put(clock / 60 % 60, to: buffer, at: 14)
        buffer[16] = Ascii.colon
        put(clock % 60, to: buffer, at: 17)
    }

    private static func put(_ number: Int, to buffer: UnsafeMutableBufferPointer<UInt8>, at index: Int) {
        buffer[index] = Ascii.zero + UInt8(truncatingIfNeeded: number / 10)
        buffer[index + 1] = Ascii.zero + UInt8(truncatingIfNeeded: number % 10)
    }

    private static func days(inMonth month: Int, ofYear year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days since 1970-01-01. Years begin in March here, so that the leap day is the last one of its year, and the
    /// days before a month are a linear function of the month.
    private static func days(year: Int, month: Int, day: Int) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let monthFromMarch = (month + 9) % 12
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        return Int64(shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468)
    }

    /// The inverse: the date of a day since 1970-01-01, in years 1 to 9999.
    private static func civilDate(ofDay day: Int64) -> (year: Int, month: Int, day: Int) {
        // Days since 0000-03-01, in cycles of 400 years of 146,097 days.
        let shifted = Int(day) + 719_468
        let cycle = shifted / 146_097
        let dayOfCycle = shifted % 146_097
        let yearOfCycle = (dayOfCycle - dayOfCycle / 1_460 + dayOfCycle / 36_524 - dayOfCycle / 146_096) / 365
        let dayOfYear = dayOfCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (
            cycle * 400 + yearOfCycle + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        )
    }
}
