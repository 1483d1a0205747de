/// When something runs, as a cron line: minute, hour, day of month, month, day of week.
///
/// A field is `*`, a number, a range `a-b`, a list `a,b`, each with an optional step `/n`. Days of the week count from
/// 0 (Sunday) to 7 (Sunday again). As in cron, when both days are restricted, either one is enough.
package struct CronSchedule: Hashable, Sendable, CustomStringConvertible {
    /// The line as it was written, with single blanks.
    package let description: String
    private let minutes: UInt64
    private let hours: UInt64
    private let daysOfMonth: UInt64
    private let months: UInt64
    private let daysOfWeek: UInt64
    private let restrictsDayOfMonth: Bool
    private let restrictsDayOfWeek: Bool

    /// Reads a cron line; nil if it is none.
    package init?(_ line: String) {
        let fields = line.split { $0 == " " || $0 == "\t" }
        guard fields.count == 5,
            let minutes = Self.set(fields[0], 0...59), let hours = Self.set(fields[1], 0...23),
            let daysOfMonth = Self.set(fields[2], 1...31), let months = Self.set(fields[3], 1...12),
            let daysOfWeek = Self.set(fields[4], 0...7)
        else { return nil }
        self.description = fields.joined(separator: " ")
        self.minutes = minutes
        self.hours = hours
        self.daysOfMonth = daysOfMonth
        self.months = months
        self.daysOfWeek = daysOfWeek & (1 << 7) == 0 ? daysOfWeek : daysOfWeek | 1
        self.restrictsDayOfMonth = !fields[2].hasPrefix("*")
        self.restrictsDayOfWeek = !fields[4].hasPrefix("*")
    }

    /// Once every hour, on the hour: `0 * * * *`.
    package static let hourly = CronSchedule(minute: 0, hour: nil)

    /// Once every day at a time of the clock.
    ///
    /// - Precondition: `hour` is from 0 to 23, `minute` from 0 to 59.
    package static func daily(hour: Int, minute: Int) -> CronSchedule {
        CronSchedule(minute: minute, hour: hour)
    }

    private init(minute: Int, hour: Int?) {
        precondition((0...59).contains(minute) && (0...23).contains(hour ?? 0), "not a time of the clock")
        description = "\(minute) \(hour.map(String.init) ?? "*") * * *"
        minutes = 1 << UInt64(minute)
        hours = hour.map { 1 << UInt64($0) } ?? Self.bits(0...23)
        daysOfMonth = Self.bits(1...31)
        months = Self.bits(1...12)
        daysOfWeek = Self.bits(0...7)
        restrictsDayOfMonth = false
        restrictsDayOfWeek = false
    }

    /// Whether it is due in every hour of its days.
    package var isEveryHour: Bool { hours == Self.bits(0...23) }

    /// Whether the schedule is due in that minute of local time. `dayOfWeek` counts from 0, Sunday.
    package func isDue(minute: Int, hour: Int, dayOfMonth: Int, month: Int, dayOfWeek: Int) -> Bool {
        func has(_ set: UInt64, _ value: Int) -> Bool { set >> UInt64(value) & 1 == 1 }
        guard has(minutes, minute), has(hours, hour) else { return false }
        return isDueSometime(dayOfMonth: dayOfMonth, month: month, dayOfWeek: dayOfWeek)
    }

    /// Whether the schedule is due at some minute of that day.
    func isDueSometime(dayOfMonth: Int, month: Int, dayOfWeek: Int) -> Bool {
        func has(_ set: UInt64, _ value: Int) -> Bool { set >> UInt64(value) & 1 == 1 }
        guard has(months, month) else { return false }
        let monthDay = has(daysOfMonth, dayOfMonth)
        let weekDay = has(daysOfWeek, dayOfWeek)
        return restrictsDayOfMonth && restrictsDayOfWeek ? monthDay || weekDay : monthDay && weekDay
    }

    private static func bits(_ range: ClosedRange<Int>) -> UInt64 {
        range.reduce(0) { $0 | 1 << UInt64($1) }
    }

    /// The values of one field as bits, or nil if the field is malformed or out of range.
    private static func set(_ field: Substring, _ range: ClosedRange<Int>) -> UInt64? {
        var bits: UInt64 = 0
        for part in field.split(separator: ",", omittingEmptySubsequences: false) {
            let pieces = part.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            var step = 1
            if pieces.count == 2 {
                guard let given = number(pieces[1]), given >= 1 else { return nil }
                step = given
            }
            guard let span = span(pieces[0], range, isOpen: pieces.count == 2) else { return nil }
            for value in stride(from: span.lowerBound, through: span.upperBound, by: step) {
                bits |= 1 << UInt64(value)
            }
        }
        return bits
    }

    private static func span(_ text: Substring, _ range: ClosedRange<Int>, isOpen: Bool) -> ClosedRange<Int>? {
        if text == "*" { return range }
        let ends = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = number(ends[0]), range.contains(first) else { return nil }
        if ends.count == 1 { return isOpen ? first...range.upperBound : first...first }
        guard let last = number(ends[1]), range.contains(last), first <= last else { return nil }
        return first...last
    }

    private static func number(_ text: Substring) -> Int? {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
    }
}
