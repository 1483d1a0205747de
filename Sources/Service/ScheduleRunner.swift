package import Telemetry

/// Runs jobs when they are due, one at a time, in their order.
///
/// Whether a job is due follows from its last run alone, as the warehouse has it: a run that was missed, once or many
/// times, is made up for once, and one that somebody else has done meanwhile is not done again. An outage keeps only
/// its job waiting.
package struct ScheduleRunner: Sendable {
    /// What is known of a job beside its last run.
    private struct Memory {
        /// When it was found not to be due.
        var lookedAt: Int64?
        /// It is left alone before.
        var notBefore: Int64 = .min
        var backoff = Backoff()
        var outage: String?
        var hasToldOther = false
    }

    /// How soon a job asks again whether the others have gone.
    private static let lockMilliseconds = 5_000
    private static let minuteMicroseconds: Int64 = 60_000_000

    private let jobs: [ScheduledJob]
    private let timetable: Timetable
    private let clock: ServiceClock
    private let logger: Logger
    private let isOutage: @Sendable (any Error) -> Bool

    /// - Parameter isOutage: whether waiting may mend an error.
    package init(
        _ jobs: [ScheduledJob], timetable: Timetable, clock: ServiceClock, logger: Logger,
        isOutage: @escaping @Sendable (any Error) -> Bool
    ) {
        self.jobs = jobs
        self.timetable = timetable
        self.clock = clock
        self.logger = logger
        self.isOutage = isOutage
    }

    /// Looks at the jobs at the beginning of each minute, until the task is cancelled.
    ///
    /// - Throws: what a job throws that is no outage; `CancellationError`.
    package func run(_ status: PartStatus) async throws {
        var memories = jobs.map { _ in Memory() }
        while true {
            for index in jobs.indices { try await look(at: jobs[index], &memories[index]) }
            let waiting = zip(jobs, memories).compactMap { job, memory in memory.outage.map { (job.name, $0) } }
            status.set(waiting.first.map { .waits(for: $0.0, reason: $0.1) } ?? .works)
            try await clock.sleep(pause(memories))
        }
    }

    private func look(at job: ScheduledJob, _ memory: inout Memory) async throws {
        let now = clock.now()
        // A clock that was set back would make it wait for long.
        memory.notBefore = min(memory.notBefore, now + Int64(Backoff.millisecondsMax) * 1_000)
        guard now >= memory.notBefore else { return }
        do {
            guard try await isDue(job, memory, now) else {
                memory = Memory(lookedAt: now)
                return
            }
            guard let lock = try await job.lock() else {
                if !memory.hasToldOther { logger.info("waiting for another batch", [("job", .text(job.name))]) }
                memory.hasToldOther = true
                memory.notBefore = now + Int64(ScheduleRunner.lockMilliseconds) * 1_000
                return
            }
            defer { withExtendedLifetime(lock) {} }
            // Whoever had the lock may have done it.
            guard try await isDue(job, memory, now) else {
                memory = Memory(lookedAt: now)
                return
            }
            logger.info("scheduled run begins", [("job", .text(job.name))])
            try await job.work()
            memory = Memory(lookedAt: memory.lookedAt)
        } catch {
            try Task.checkCancellation()
            guard isOutage(error) else { throw error }
            let milliseconds = memory.backoff.next()
            memory.outage = String(describing: error)
            memory.notBefore = clock.now() + Int64(milliseconds) * 1_000
            logger.warning(
                "waiting",
                [
                    ("job", .text(job.name)), ("reason", .text(String(describing: error))),
                    ("milliseconds", LogValue(milliseconds)),
                ])
        }
    }

    private func isDue(_ job: ScheduledJob, _ memory: Memory, _ now: Int64) async throws -> Bool {
        guard let last = try await job.lastStart() else { return true }
        // Of a last run in the future, noted by a clock that was wrong, nothing follows but what passes from here on.
        return timetable.isDue(job.schedule, after: last <= now ? last : memory.lookedAt ?? now, upTo: now)
    }

    /// Until the next minute begins, or a job that waits is to be tried, in milliseconds.
    private func pause(_ memories: [Memory]) -> Int {
        let now = clock.now()
        let ofMinute = (now % Self.minuteMicroseconds + Self.minuteMicroseconds) % Self.minuteMicroseconds
        let tries = memories.map(\.notBefore).filter { $0 > now }
        let next = min(now - ofMinute + Self.minuteMicroseconds, tries.min() ?? .max)
        return Int((next - now + 999) / 1_000)
    }
}
