import Testing

@testable import Configuration

@Suite("Whether a schedule has become due")
struct CronDueTests {
    /// Seconds of a day and time in March 2024; the 1st is 19,783 days after 1970-01-01, and a Friday.
    private func march(_ day: Int, _ hour: Int, _ minute: Int, _ second: Int = 0) -> Int64 {
        Int64((19_782 + day) * 86_400 + hour * 3_600 + minute * 60 + second)
    }

    private func schedule(_ line: String) throws -> CronSchedule { try #require(CronSchedule(line)) }

    // Catches a comparison that leaves out the last minute, or counts the first one twice.
    @Test("It is once its minute has begun, and once for each time")
    func minutes() throws {
        let nightly = try schedule("30 3 * * *")
        #expect(!nightly.isDue(after: march(1, 12, 0), upTo: march(2, 3, 29, 59)))
        #expect(nightly.isDue(after: march(1, 12, 0), upTo: march(2, 3, 30)))
        #expect(nightly.isDue(after: march(1, 12, 0), upTo: march(9, 0, 0)))
        #expect(!nightly.isDue(after: march(2, 3, 30, 5), upTo: march(2, 3, 30, 50)))
        #expect(!nightly.isDue(after: march(2, 3, 30, 5), upTo: march(3, 3, 29)))
        #expect(nightly.isDue(after: march(2, 3, 30, 5), upTo: march(3, 3, 30)))
        #expect(!nightly.isDue(after: march(3, 3, 30), upTo: march(2, 3, 30)))
        #expect(nightly.isDue(after: 0, upTo: march(2, 3, 30)))
        #expect(nightly.isDue(after: -100_000, upTo: 0))
    }

    @Test("Days of the week and of the month, leap days too")
    func days() throws {
        let mondays = try schedule("0 0 * * 1")
        #expect(!mondays.isDue(after: march(1, 0, 0), upTo: march(3, 23, 59)))
        #expect(mondays.isDue(after: march(1, 0, 0), upTo: march(4, 0, 0)))
        let leapDays = try schedule("0 12 29 2 *")
        #expect(leapDays.isDue(after: march(1, 0, 0) - 86_400, upTo: march(1, 0, 0)))
        #expect(!leapDays.isDue(after: march(1, 0, 0), upTo: march(1, 0, 0) + 3 * 365 * 86_400))
        #expect(try !schedule("0 0 31 2 *").isDue(after: 0, upTo: march(1, 0, 0)))
    }

    @Test("It agrees with every minute looked at by itself", arguments: ["*/7 2-4 * * *", "59 23 * * 0", "0 0 1 * *"])
    func model(_ line: String) throws {
        let schedule = try schedule(line)
        let due = (0..<31 * 1_440).filter { minute in
            let day = minute / 1_440 + 1
            return schedule.isDue(
                minute: minute % 60, hour: minute / 60 % 24, dayOfMonth: day, month: 3, dayOfWeek: (4 + day) % 7)
        }
        #expect(!due.isEmpty)
        for minute in due {
            let moment = march(1, 0, 0) + Int64(minute) * 60
            #expect(schedule.isDue(after: moment - 1, upTo: moment))
            #expect(!schedule.isDue(after: moment, upTo: moment + 59))
        }
        let first = due[0]
        #expect(
            !schedule.isDue(
                after: march(1, 0, 0) - 1 + (first == 0 ? 60 : 0), upTo: march(1, 0, 0) + Int64(max(first, 1) * 60) - 1)
        )
    }
}
