import Configuration
import Retail
import Synchronization
import Telemetry
import Testing

@testable import Service

@Suite("Jobs by schedule", .timeLimit(.minutes(1)))
struct ScheduleRunnerTests {
    struct Outage: Error {}
    struct Bug: Error {}

    /// The book of runs of a test: who ran when, and whether it counts.
    final class Book: Sendable {
        private let runs = Mutex<[(name: String, start: Int64, counts: Bool)]>([])

        func note(_ name: String, at start: Int64, counts: Bool = true) {
            runs.withLock { $0.append((name, start, counts)) }
        }

        func last(_ name: String) -> Int64? { runs.withLock { $0.last { $0.name == name && $0.counts }?.start } }

        /// When a job ran, as `HH:MM`.
        func times(_ name: String) -> [String] {
            runs.withLock { $0.filter { $0.name == name }.map { String(text($0.start).dropFirst(11).prefix(5)) } }
        }
    }

    private let book = Book()
    private let board = PartBoard(["batch"], clock: { 0 })

    private func job(
        _ name: String, _ line: String, _ clock: DrivenClock, work: @escaping @Sendable () throws -> Void = {},
        isFree: @escaping @Sendable () -> Bool = { true }
    ) throws -> ScheduledJob {
        let book = book
        return ScheduledJob(
            name, schedule: try #require(CronSchedule(line)), lastStart: { book.last(name) },
            lock: { isFree() ? true : nil },
            work: {
                let start = clock.now
                do {
                    try work()
                } catch {
                    book.note(name, at: start, counts: error is Bug)
                    throw error
                }
                book.note(name, at: start)
            })
    }

    private func run(_ jobs: [ScheduledJob], _ clock: DrivenClock) async throws {
        let runner = ScheduleRunner(
            jobs, timetable: Timetable(.utc), clock: clock.clock, logger: .silent, isOutage: { $0 is Outage })
        do {
            try await runner.run(PartStatus(board: board, part: "batch"))
        } catch is CancellationError {
            // The clock has come to its end.
        }
    }

    @Test("A job runs at its times, and at once when it never did")
    func atItsTimes() async throws {
        let clock = DrivenClock(from: "2026-01-01 08:20:10", to: "2026-01-01 11:30:00")
        try await run([job("mart", "0 * * * *", clock)], clock)
        #expect(book.times("mart") == ["08:20", "09:00", "10:00", "11:00"])
        #expect(board.entries[0].state == .working)
        // It looks once a minute, at its beginning.
        #expect(clock.slept.first == 50_000)
        #expect(Set(clock.slept.dropFirst()) == [60_000])
    }

    @Test("What was missed while nobody looked is made up for once")
    func missed() async throws {
        let clock = DrivenClock(from: "2026-01-01 08:20:00", to: "2026-01-01 12:30:00")
        book.note("mart", at: microseconds("2025-12-24 08:00:00"))
        try await run(
            [
                job("mart", "0 * * * *", clock) {
                    // The machine sleeps in the middle of the second run.
                    if clock.now == microseconds("2026-01-01 09:00:00") { clock.set("2026-01-01 11:45:00") }
                }
            ], clock)
        #expect(book.times("mart") == ["08:00", "08:20", "09:00", "11:46", "12:00"])
    }

    // To see it fail: count runs that were killed.
    @Test("A run that was killed does not count")
    func killed() async throws {
        let clock = DrivenClock(from: "2026-01-01 08:20:00", to: "2026-01-01 08:50:00")
        book.note("mart", at: microseconds("2026-01-01 07:00:00"))
        book.note("mart", at: microseconds("2026-01-01 08:00:00"), counts: false)
        try await run([job("mart", "0 * * * *", clock)], clock)
        #expect(book.times("mart") == ["07:00", "08:00", "08:20"])
    }

    @Test("Jobs that are due together run one after the other, in their order; what the first did is not done again")
    func order() async throws {
        let clock = DrivenClock(from: "2026-01-01 23:50:00", to: "2026-01-02 00:50:00")
        let book = book
        for name in ["catalogue", "mart"] { book.note(name, at: microseconds("2026-01-01 23:00:00")) }
        let running = Mutex(0)
        try await run(
            [
                job("catalogue", "0 0 * * *", clock) {
                    #expect(running.withLock { $0 } == 0)
                    clock.pass(seconds: 30)
                    book.note("mart", at: clock.now)
                }, job("mart", "0 * * * *", clock),
            ], clock)
        #expect(book.times("catalogue") == ["23:00", "00:00"])
        #expect(book.times("mart") == ["23:00", "00:00"])
    }

    // To see it fail: ask only before the lock is taken whether the job is due.
    @Test("A job waits for whoever holds the lock, and is not done when they have done it")
    func locked() async throws {
        let clock = DrivenClock(from: "2026-01-01 08:59:00", to: "2026-01-01 10:30:00")
        let book = book
        book.note("mart", at: microseconds("2026-01-01 08:00:00"))
        try await run(
            [
                job(
                    "mart", "0 * * * *", clock,
                    isFree: {
                        switch text(clock.now).suffix(8) {
                        case "09:00:00"..."09:00:59": return false
                        case "09:01:00":
                            // Just now the other one has let go, having done it.
                            book.note("mart", at: microseconds("2026-01-01 09:00:02"))
                            return true
                        case "10:00:00"..."10:00:07": return false
                        default: return true
                        }
                    })
            ], clock)
        #expect(book.times("mart") == ["08:00", "09:00", "10:00"])
        #expect(book.last("mart") == microseconds("2026-01-01 10:00:10"))
        #expect(board.entries[0].state == .working)
    }

    @Test("An outage keeps its job waiting, longer each time, and no other one")
    func outage() async throws {
        let clock = DrivenClock(from: "2026-01-01 00:00:00", to: "2026-01-01 02:30:00")
        let states = Mutex<[PartBoard.State]>([])
        let board = board
        try await run(
            [
                job("catalogue", "0 0 * * *", clock) {
                    states.withLock { $0.append(board.entries[0].state) }
                    if clock.now < microseconds("2026-01-01 00:30:00") { throw Outage() }
                }, job("mart", "0 * * * *", clock),
            ], clock)
        #expect(book.times("mart") == ["00:00", "01:00", "02:00"])
        // After 1, 2, 4, … 256 and then each 300 seconds.
        #expect(
            book.times("catalogue") == [
                "00:00", "00:00", "00:00", "00:00", "00:00", "00:00", "00:01", "00:02", "00:04", "00:08", "00:13",
                "00:18", "00:23", "00:28", "00:33",
            ])
        #expect(states.withLock { $0 }.dropFirst().allSatisfy { $0.word == "waiting" })
        #expect(board.entries[0].state == .working)
    }

    @Test("What no waiting mends ends it, and a job that failed so is not due before its next time")
    func bug() async throws {
        let clock = DrivenClock(from: "2026-01-01 00:10:00", to: "2026-01-01 03:30:00")
        let fails = Mutex(true)
        let jobs = [try job("mart", "0 * * * *", clock) { if fails.withLock({ $0 }) { throw Bug() } }]
        do {
            try await run(jobs, clock)
            Issue.record("a bug was taken for an outage")
        } catch {
            #expect(error is Bug)
        }
        fails.withLock { $0 = false }
        try await run(jobs, clock)
        #expect(book.times("mart") == ["00:10", "01:00", "02:00", "03:00"])
    }

    // To see it fail: take the last run as it is noted.
    @Test("A clock that was wrong does not stop the jobs when it is set right")
    func clockSetBack() async throws {
        let clock = DrivenClock(from: "2026-01-01 00:10:00", to: "2026-01-01 03:30:00")
        book.note("mart", at: microseconds("2040-01-01 00:00:00"))
        try await run([job("mart", "0 * * * *", clock)], clock)
        #expect(book.times("mart").dropFirst() == ["01:00", "02:00", "03:00"])
    }
}
