extension Settings {
    /// `extract.*`: from the API to Kafka.
    package struct Extract: Hashable, Sendable {
        /// While following, the wait after a page that was not full.
        package var pollMilliseconds = 1_000
        /// When extraction runs; nil: it follows.
        package var schedule: CronSchedule?
        /// Where the very first run begins; nil: at the current date.
        package var start: SalesStartPoint?
        /// How many of the last sales are asked again.
        package var overlapSales = 1_000
        /// How many of the last days are listed again by the resweep.
        package var resweepDays = 2
        /// When the resweep runs; nil: never.
        package var resweepSchedule: CronSchedule? = .daily(hour: 3, minute: 30)
        /// Where the pages are kept as files; nil: nowhere.
        package var archiveDirectory: String?

        /// The defaults.
        package init() {}
    }
}
