/// What is known of one sale id: the version of the valid content that ods holds, and the highest refused version.
///
/// A pure state machine (rule 7): a judged record goes in, what to write comes out. Per sale id the highest version
/// decides; the same version judged anew by other code moves the row. Redelivered records lead to the same writes.
package struct SaleVerdict: Sendable, Hashable {
    /// The version of the valid content in ods; nil when ods has none.
    package private(set) var validVersion: Int64?
    /// The highest refused version; nil when nothing is refused. Never equal to `validVersion`.
    package private(set) var refusedVersion: Int64?

    /// Makes the verdict from what the warehouse holds of the sale.
    ///
    /// - Parameters:
    ///   - validVersion: The version of the row in ods, if there is one.
    ///   - refusedVersion: The highest version among the sale's rejects, if there are any. When it equals
    ///     `validVersion`, which no write of this program leaves behind, the valid row counts.
    package init(validVersion: Int64? = nil, refusedVersion: Int64? = nil) {
        self.validVersion = validVersion
        self.refusedVersion = validVersion == refusedVersion ? nil : refusedVersion
    }

    /// How the reject of the highest refused version stands; nil when nothing is refused.
    package var rejectState: RejectState? {
        guard let refusedVersion else { return nil }
        return state(ofRefused: refusedVersion)
    }

    /// Takes in a record that was judged valid and says what to write.
    package mutating func applyValid(version: Int64) -> Outcome {
        var outcome = Outcome()
        let stateBefore = rejectState
        if refusedVersion == version {
            // Judged anew: what was refused is valid now, so its reject goes.
            outcome.removesReject = true
            refusedVersion = nil
        }
        if let validVersion, version < validVersion { return outcome }
        outcome.sale = .write
        validVersion = version
        outcome.earlierReject = changed(from: stateBefore)
        return outcome
    }

    /// Takes in a record that was refused and says what to write.
    package mutating func applyRefused(version: Int64) -> Outcome {
        var outcome = Outcome()
        let refusedBefore = refusedVersion
        let stateBefore = rejectState
        if validVersion == version {
            // Judged anew: what was valid is refused now, so its row goes.
            outcome.sale = .remove
            validVersion = nil
        }
        refusedVersion = max(version, refusedBefore ?? version)
        outcome.reject = state(ofRefused: version)
        if let refusedBefore, refusedBefore != version {
            let stateNow = state(ofRefused: refusedBefore)
            outcome.earlierReject = stateNow == stateBefore ? nil : stateNow
        }
        return outcome
    }

    private func changed(from stateBefore: RejectState?) -> RejectState? {
        rejectState == stateBefore ? nil : rejectState
    }

    private func state(ofRefused version: Int64) -> RejectState {
        if let validVersion, version < validVersion { return .superseded }
        if let refusedVersion, version < refusedVersion { return .superseded }
        return validVersion == nil ? .open : .pendingCorrection
    }
}
