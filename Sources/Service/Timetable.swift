package import Configuration
package import Retail

/// Says when cron lines are due, in a time zone with its changes of clocks.
///
/// A line that names hours means what a clock shows: a time that clocks skip has passed when they have been put forward,
/// and one that comes twice passes once. A line for every hour means the hours as they pass: it is due in each, also
/// in the one that comes twice.
package struct Timetable: Sendable {
    private let timeZone: RetailTimeZone

    /// Makes a timetable of a zone.
    package init(_ timeZone: RetailTimeZone) { self.timeZone = timeZone }

    /// Whether a line was due after one moment and up to another, both in microseconds of UTC.
    package func isDue(_ schedule: CronSchedule, after begin: Int64, upTo end: Int64) -> Bool {
        let (first, last) = (seconds(begin), seconds(end))
        let local = timeZone.localSeconds(ofInstant: last)
        let begun = schedule.isEveryHour ? local - (last - first) : timeZone.localSeconds(ofInstant: first)
        return schedule.isDue(after: begun, upTo: local)
    }

    private func seconds(_ microseconds: Int64) -> Int64 {
        (microseconds - (microseconds % 1_000_000 + 1_000_000) % 1_000_000) / 1_000_000
    }
}
