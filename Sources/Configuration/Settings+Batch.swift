extension Settings {
    /// `batch.*`: reconciliation and rebuild.
    package struct Batch: Hashable, Sendable {
        /// When the mart is rebuilt; nil: never by itself.
        package var martSchedule: CronSchedule? = .hourly
        /// When products and customers are fetched in full; nil: never by itself.
        package var catalogueSchedule: CronSchedule? = .daily(hour: 0, minute: 0)
        /// By how much a catalogue may shrink and still be believed, in percent.
        package var shrinkPercentMax = 20.0
        /// Whether sales whose customer is null are in the mart.
        package var allowsMissingCustomer = false

        /// The defaults.
        package init() {}
    }
}
