/// From when until when a version of a product or customer was served, in microseconds of UTC.
struct VersionPeriod: Sendable, Hashable {
    var from: Int64
    /// nil while it is served.
    var to: Int64?

    /// The first moment that is not this version's any more, at the earliest.
    var earliestNext: Int64 { to ?? from + 1 }

    /// When a version begins behind the last one, if there is one. Versions of one key never overlap, also when the clock
    /// was set back between two snapshots.
    ///
    /// It holds from the API's `updatedAt` if that lies between the last version and the snapshot: one that lies before
    /// would change what was sold since at the last version's price, one that lies ahead is a wrong clock. Else from
    /// the snapshot.
    ///
    /// - Parameter answeredAt: when the API had answered the snapshot.
    static func start(after before: VersionPeriod?, answeredAt: Int64, updatedAt: Int64?) -> Int64 {
        var from = answeredAt
        if let updatedAt, updatedAt <= answeredAt, updatedAt >= before?.earliestNext ?? .min { from = updatedAt }
        return max(from, before?.earliestNext ?? .min)
    }

    /// When this version ends if a snapshot lacks the row.
    func end(answeredAt: Int64) -> Int64 { max(answeredAt, earliestNext) }
}
