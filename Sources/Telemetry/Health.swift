/// Whether a long-running part does its work, or waits for something that is out of order.
package enum Health: Hashable, Sendable {
    /// It does its work.
    case works
    /// It tries again by itself; `reason` may be shown to anybody who sees the log.
    case waits(for: String, reason: String)
}
