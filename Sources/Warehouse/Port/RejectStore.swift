package import Retail

/// What may be asked about refused records: counted in groups, and their records to be judged again. Changes nothing.
/// Blocking: called from a thread of its own.
package protocol RejectStore: Sendable {
    /// The rejects that a filter lets through, grouped by kind of fault and field, the largest groups first.
    ///
    /// - Parameter groupsMax: how many groups are told; the others are counted.
    func overview(_ filter: RejectFilter, groupsMax: Int) throws -> RejectOverview

    /// The records of refused contents as raw holds them, from behind `place` on in the order of `RejectPlace`.
    ///
    /// All records of a content come together, unless they alone are more than fit.
    ///
    /// - Parameters:
    ///   - place: the last one that was read; nil begins with the first.
    ///   - recordsMax: at most so many records, from 1 on; fewer come when they are large.
    func records(after place: RejectPlace?, recordsMax: Int) throws -> RejectedRecords
}

/// Which rejects are meant.
package struct RejectFilter: Sendable, Hashable {
    package var states: Set<RejectState>
    /// Only those with a reason of this kind; nil: whatever the reasons.
    package var code: ValidationReason.Code?

    package init(states: Set<RejectState>, code: ValidationReason.Code? = nil) {
        self.states = states
        self.code = code
    }
}

/// One place of a refused content. Places are ordered by content, then by where they lie.
package struct RejectPlace: Sendable, Hashable, Codable {
    package let reject: Int64
    package let log: Int64
    package let partition: Int32
    package let offset: Int64

    package init(reject: Int64, log: Int64, partition: Int32, offset: Int64) {
        self.reject = reject
        self.log = log
        self.partition = partition
        self.offset = offset
    }
}
