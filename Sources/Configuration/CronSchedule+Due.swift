extension CronSchedule {
    /// Whether the schedule was due at a minute after one local time and up to another, in seconds since 1970 as a
    /// clock shows them.
    ///
    /// In what a clock shows, an hour that clocks skip has passed all the same, and one that comes twice passes once.
    package func isDue(after begin: Int64, upTo end: Int64) -> Bool {
        var minute = Self.floor(begin, 60) + 1
        let last = Self.floor(end, 60)
        while minute <= last {
            let day = Self.floor(minute, 1_440)
            let date = Self.civilDate(ofDay: day)
            let weekDay = Int(Self.remainder(day + 4, 7))
            // A day that has none is passed in one step.
            guard isDueSometime(dayOfMonth: date.day, month: date.month, dayOfWeek: weekDay) else {
                minute = (day + 1) * 1_440
                continue
            }
            let dayEnd = min(last, day * 1_440 + 1_439)
            while minute <= dayEnd {
                let ofDay = Int(minute - day * 1_440)
                if isDue(
                    minute: ofDay % 60, hour: ofDay / 60, dayOfMonth: date.day, month: date.month, dayOfWeek: weekDay)
                {
                    return true
                }
                minute += 1
            }
        }
        return false
    }

    private static func floor(_ number: Int64, _ unit: Int64) -> Int64 {
        number >= 0 ? number / unit : (number + 1) / unit - 1
    }

    private static func remainder(_ number: Int64, _ unit: Int64) -> Int64 { number - floor(number, unit) * unit }

    /// The date of a day counted from 1970-01-01, in the proleptic Gregorian calendar.
    private static func civilDate(ofDay day: Int64) -> (month: Int, day: Int) {
        // Years that begin in March: the day that comes every fourth year is the last of its year.
        let shifted = day + 719_468
        let era = floor(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        return (Int(month < 10 ? month + 3 : month - 9), Int(dayOfYear - (153 * month + 2) / 5 + 1))
    }
}
