package import Retail

/// One event at one sale id, and what follows by rule 7: for the pure state machine and for every engine that keeps it.
package struct VerdictTransition: Sendable, CustomStringConvertible {
    /// What was known before.
    package var before: SaleVerdict
    /// The record that comes: how it is judged, and its version. The version of what is there = that record again.
    package var event: (isValid: Bool, version: Int64)
    /// What is to be written.
    package var outcome: SaleVerdict.Outcome
    /// What is known then.
    package var after: SaleVerdict
    /// The state of the highest reject then; nil when there is none.
    package var stateAfter: RejectState?
    /// The event and what was known.
    package var description: String {
        "\(event.isValid ? "valid" : "refused") \(event.version) after valid \(words(before.validVersion)), refused \(words(before.refusedVersion))"
    }

    private func words(_ version: Int64?) -> String { version.map(String.init) ?? "none" }

    private static func known(_ valid: Int64?, _ refused: Int64?) -> SaleVerdict {
        SaleVerdict(validVersion: valid, refusedVersion: refused)
    }

    /// Every order of the versions of an event, the valid row and the highest reject.
    package static let all: [VerdictTransition] = [
        // Nothing known.
        VerdictTransition(
            before: known(nil, nil), event: (true, 5), outcome: .init(sale: .write), after: known(5, nil),
            stateAfter: nil),
        VerdictTransition(
            before: known(nil, nil), event: (false, 5), outcome: .init(reject: .open), after: known(nil, 5),
            stateAfter: .open),
        // A valid row only.
        VerdictTransition(
            before: known(5, nil), event: (true, 6), outcome: .init(sale: .write), after: known(6, nil),
            stateAfter: nil),
        VerdictTransition(
            before: known(5, nil), event: (true, 5), outcome: .init(sale: .write), after: known(5, nil),
            stateAfter: nil),
        VerdictTransition(
            before: known(5, nil), event: (true, 4), outcome: .init(), after: known(5, nil), stateAfter: nil),
        VerdictTransition(
            before: known(5, nil), event: (false, 6), outcome: .init(reject: .pendingCorrection), after: known(5, 6),
            stateAfter: .pendingCorrection),
        VerdictTransition(
            before: known(5, nil), event: (false, 5), outcome: .init(sale: .remove, reject: .open),
            after: known(nil, 5), stateAfter: .open),
        VerdictTransition(
            before: known(5, nil), event: (false, 4), outcome: .init(reject: .superseded), after: known(5, 4),
            stateAfter: .superseded),
        // A reject only.
        VerdictTransition(
            before: known(nil, 5), event: (true, 6), outcome: .init(sale: .write, earlierReject: .superseded),
            after: known(6, 5), stateAfter: .superseded),
        VerdictTransition(
            before: known(nil, 5), event: (true, 5), outcome: .init(sale: .write, removesReject: true),
            after: known(5, nil), stateAfter: nil),
        VerdictTransition(
            before: known(nil, 5), event: (true, 4), outcome: .init(sale: .write, earlierReject: .pendingCorrection),
            after: known(4, 5), stateAfter: .pendingCorrection),
        VerdictTransition(
            before: known(nil, 5), event: (false, 6), outcome: .init(reject: .open, earlierReject: .superseded),
            after: known(nil, 6), stateAfter: .open),
        VerdictTransition(
            before: known(nil, 5), event: (false, 5), outcome: .init(reject: .open), after: known(nil, 5),
            stateAfter: .open),
        VerdictTransition(
            before: known(nil, 5), event: (false, 4), outcome: .init(reject: .superseded), after: known(nil, 5),
            stateAfter: .open),
        // A valid row and a later reject: pending correction.
        VerdictTransition(
            before: known(5, 7), event: (true, 8), outcome: .init(sale: .write, earlierReject: .superseded),
            after: known(8, 7), stateAfter: .superseded),
        VerdictTransition(
            before: known(5, 7), event: (true, 7), outcome: .init(sale: .write, removesReject: true),
            after: known(7, nil), stateAfter: nil),
        VerdictTransition(
            before: known(5, 7), event: (true, 6), outcome: .init(sale: .write), after: known(6, 7),
            stateAfter: .pendingCorrection),
        VerdictTransition(
            before: known(5, 7), event: (true, 5), outcome: .init(sale: .write), after: known(5, 7),
            stateAfter: .pendingCorrection),
        VerdictTransition(
            before: known(5, 7), event: (true, 4), outcome: .init(), after: known(5, 7),
            stateAfter: .pendingCorrection),
        VerdictTransition(
            before: known(5, 7), event: (false, 8),
            outcome: .init(reject: .pendingCorrection, earlierReject: .superseded), after: known(5, 8),
            stateAfter: .pendingCorrection),
        VerdictTransition(
            before: known(5, 7), event: (false, 7), outcome: .init(reject: .pendingCorrection), after: known(5, 7),
            stateAfter: .pendingCorrection),
        VerdictTransition(
            before: known(5, 7), event: (false, 6), outcome: .init(reject: .superseded), after: known(5, 7),
            stateAfter: .pendingCorrection),
        VerdictTransition(
            before: known(5, 7), event: (false, 5),
            outcome: .init(sale: .remove, reject: .superseded, earlierReject: .open), after: known(nil, 7),
            stateAfter: .open),
        VerdictTransition(
            before: known(5, 7), event: (false, 4), outcome: .init(reject: .superseded), after: known(5, 7),
            stateAfter: .pendingCorrection),
        // A reject and a later valid row: superseded.
        VerdictTransition(
            before: known(7, 5), event: (true, 8), outcome: .init(sale: .write), after: known(8, 5),
            stateAfter: .superseded),
        VerdictTransition(
            before: known(7, 5), event: (true, 7), outcome: .init(sale: .write), after: known(7, 5),
            stateAfter: .superseded),
        VerdictTransition(
            before: known(7, 5), event: (true, 6), outcome: .init(), after: known(7, 5), stateAfter: .superseded),
        VerdictTransition(
            before: known(7, 5), event: (true, 5), outcome: .init(removesReject: true), after: known(7, nil),
            stateAfter: nil),
        VerdictTransition(
            before: known(7, 5), event: (true, 4), outcome: .init(), after: known(7, 5), stateAfter: .superseded),
        VerdictTransition(
            before: known(7, 5), event: (false, 8), outcome: .init(reject: .pendingCorrection), after: known(7, 8),
            stateAfter: .pendingCorrection),
        VerdictTransition(
            before: known(7, 5), event: (false, 7), outcome: .init(sale: .remove, reject: .open),
            after: known(nil, 7), stateAfter: .open),
        VerdictTransition(
            before: known(7, 5), event: (false, 6), outcome: .init(reject: .superseded), after: known(7, 6),
            stateAfter: .superseded),
        VerdictTransition(
            before: known(7, 5), event: (false, 5), outcome: .init(reject: .superseded), after: known(7, 5),
            stateAfter: .superseded),
        VerdictTransition(
            before: known(7, 5), event: (false, 4), outcome: .init(reject: .superseded), after: known(7, 5),
            stateAfter: .superseded),
    ]
}
