import Configuration
import Retail
import Service
import Testing

@Suite("When cron lines are due in a zone")
struct TimetableTests {
    private func due(
        _ line: String, in zone: String, from begin: String, to end: String
    ) throws -> [String] {
        let timetable = Timetable(try #require(RetailTimeZone(identifier: zone)))
        let schedule = try #require(CronSchedule(line))
        // Asked once a minute, from the last time that it was due.
        var last = microseconds(begin)
        var times: [String] = []
        for now in stride(from: last + 60_000_000, through: microseconds(end), by: 60_000_000)
        where timetable.isDue(schedule, after: last, upTo: now) {
            times.append(text(now))
            last = now
        }
        return times
    }

    @Test("Lines mean the zone's clocks, not UTC")
    func zone() throws {
        let times = try due("30 3 * * *", in: "Asia/Kolkata", from: "2026-01-01 00:00:00", to: "2026-01-02 23:00:00")
        #expect(times == ["2026-01-01 22:00:00", "2026-01-02 22:00:00"])
    }

    // Berlin puts its clocks forward on 2026-03-29 at 01:00 UTC, from 2 to 3, and back on 2026-10-25 from 3 to 2.
    @Test("A time that clocks skip has passed once they were put forward")
    func skipped() throws {
        let times = try due(
            "30 2 * * *", in: "Europe/Berlin", from: "2026-03-28 12:00:00", to: "2026-03-30 12:00:00")
        #expect(times == ["2026-03-29 01:00:00", "2026-03-30 00:30:00"])
    }

    @Test("A time that comes twice passes once")
    func twice() throws {
        let times = try due(
            "30 2 * * *", in: "Europe/Berlin", from: "2026-10-24 12:00:00", to: "2026-10-26 12:00:00")
        #expect(times == ["2026-10-25 00:30:00", "2026-10-26 01:30:00"])
    }

    // To see it fail: take what a clock shows for every line.
    @Test("Every hour means every hour that passes", arguments: ["2026-03-28 20:00:00", "2026-10-24 20:00:00"])
    func hourly(_ begin: String) throws {
        let end = text(microseconds(begin) + 10 * 3_600_000_000)
        #expect(try due("15 * * * *", in: "Europe/Berlin", from: begin, to: end).count == 10)
        #expect(try due("*/20 * * * *", in: "Australia/Lord_Howe", from: begin, to: end).count == 30)
    }

    @Test("Many times that were missed are one")
    func missed() throws {
        let timetable = Timetable(.utc)
        let (begin, end) = (microseconds("2026-01-01 00:00:30"), microseconds("2026-02-01 12:00:00"))
        #expect(timetable.isDue(.hourly, after: begin, upTo: end))
        #expect(!timetable.isDue(.hourly, after: end, upTo: end + 3_599_000_000))
        #expect(!timetable.isDue(.hourly, after: end, upTo: begin))
    }
}
