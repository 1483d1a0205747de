/// How a refused record stands toward what is known of its sale.
package enum RejectState: String, Sendable, Hashable, CaseIterable {
    /// The sale has no valid content: it is only here.
    case open
    /// The sale has an older valid content, which ods keeps until a correction comes.
    case pendingCorrection = "pending_correction"
    /// A higher version has come since: kept, no longer counted as open.
    case superseded
}
