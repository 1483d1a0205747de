import Retail

/// Options of `rejects`.
struct RejectsOptions: Hashable, Sendable {
    /// What is done with the rejects.
    enum Action: String, CaseIterable, Sendable {
        /// They are counted, in groups.
        case list
        /// Their records are judged again.
        case retry
    }

    /// Which rejects are listed.
    enum State: String, CaseIterable, Sendable {
        case open, pending, superseded, all
    }

    /// What is done.
    var action: Action
    /// Which are listed; nil: those that wait for something, open and pending.
    var state: State?
    /// Only those with this kind of fault are listed.
    var reason: ValidationReason.Code?
    /// How many groups are listed.
    var groupsMax = 20
    /// Whether a retry only tells what it would do.
    var isDryRun = false

    /// The states of the rejects that are listed.
    var states: Set<RejectState> {
        switch state {
        case nil: [.open, .pendingCorrection]
        case .open: [.open]
        case .pending: [.pendingCorrection]
        case .superseded: [.superseded]
        case .all: Set(RejectState.allCases)
        }
    }
}
