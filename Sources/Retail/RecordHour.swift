/// One hour of UTC. A record belongs to the hour of its version, so that whoever counts records, before Kafka or
/// behind it, today or after a replay, counts each one in the same hour.
package struct RecordHour: Sendable, Hashable, Comparable {
    /// The microseconds of an hour.
    package static let microseconds: Int64 = 3_600_000_000

    /// Hours since 1970-01-01T00:00:00Z.
    package let number: Int64

    /// The hour with this number.
    package init(number: Int64) { self.number = number }

    /// The hour of a version, or of any moment in microseconds since 1970.
    package init(version: Int64) { number = version / RecordHour.microseconds }

    /// Reads what `description` wrote; nil for anything else.
    package init?(_ text: String) {
        guard text.utf8.count == 13, let seconds = CivilTime.seconds(of: text + ":00:00"), seconds >= 0 else {
            return nil
        }
        number = seconds / 3_600
    }

    /// The versions of its records.
    package var versions: Range<Int64> {
        let first = number.multipliedReportingOverflow(by: RecordHour.microseconds)
        let start = first.overflow ? .max : first.partialValue
        return start..<(start > .max - RecordHour.microseconds ? .max : start + RecordHour.microseconds)
    }

    package static func < (left: RecordHour, right: RecordHour) -> Bool { left.number < right.number }
}

extension RecordHour: CustomStringConvertible {
    /// `2026-11-21T15`.
    package var description: String {
        let seconds = number.multipliedReportingOverflow(by: 3_600)
        let text = CivilTime.text(of: seconds.overflow ? .max : seconds.partialValue)
        return String(text.prefix(10) + "T" + text.dropFirst(11).prefix(2))
    }
}
