package import Configuration

/// Something that runs by a cron line.
package struct ScheduledJob: Sendable {
    /// What it is called in the log.
    package let name: String
    package let schedule: CronSchedule
    /// When its last run began that counts, whoever ran it, in microseconds of UTC; nil: it never ran, and is due.
    package let lastStart: @Sendable () async throws -> Int64?
    /// Keeps others out as long as what it returns is held; nil: somebody else is in.
    package let lock: @Sendable () async throws -> (any Sendable)?
    /// Does it.
    package let work: @Sendable () async throws -> Void

    /// Makes a job.
    package init(
        _ name: String, schedule: CronSchedule, lastStart: @escaping @Sendable () async throws -> Int64?,
        lock: @escaping @Sendable () async throws -> (any Sendable)?,
        work: @escaping @Sendable () async throws -> Void
    ) {
        self.name = name
        self.schedule = schedule
        self.lastStart = lastStart
        self.lock = lock
        self.work = work
    }
}
