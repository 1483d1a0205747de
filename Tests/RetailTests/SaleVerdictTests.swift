import Retail
import Testing

@Suite("The verdict on a sale id")
struct SaleVerdictTests {
    struct Transition: Sendable, CustomStringConvertible {
        var before: SaleVerdict
        var event: (isValid: Bool, version: Int64)
        var outcome: SaleVerdict.Outcome
        var after: SaleVerdict
        var stateAfter: RejectState?
        var description: String { "\(event) at \(before)" }
    }

    private static func known(_ valid: Int64?, _ refused: Int64?) -> SaleVerdict {
        SaleVerdict(validVersion: valid, refusedVersion: refused)
    }

    /// Every order of the versions of an event, the valid row and the highest reject.
    static let transitions: [Transition] = [
        // Nothing known.
        Transition(
            before: known(nil, nil), event: (true, 5), outcome: .init(sale: .write), after: known(5, nil),
            stateAfter: nil),
        Transition(
            before: known(nil, nil), event: (false, 5), outcome: .init(reject: .open), after: known(nil, 5),
            stateAfter: .open),
        // A valid row only.
        Transition(
            before: known(5, nil), event: (true, 6), outcome: .init(sale: .write), after: known(6, nil),
            stateAfter: nil),
        Transition(
            before: known(5, nil), event: (true, 5), outcome: .init(sale: .write), after: known(5, nil),
            stateAfter: nil),
        Transition(
            before: known(5, nil), event: (true, 4), outcome: .init(), after: known(5, nil), stateAfter: nil),
        Transition(
            before: known(5, nil), event: (false, 6), outcome: .init(reject: .pendingCorrection), after: known(5, 6),
            stateAfter: .pendingCorrection),
        Transition(
            before: known(5, nil), event: (false, 5), outcome: .init(sale: .remove, reject: .open),
            after: known(nil, 5), stateAfter: .open),
        Transition(
            before: known(5, nil), event: (false, 4), outcome: .init(reject: .superseded), after: known(5, 4),
            stateAfter: .superseded),
        // A reject only.
        Transition(
            before: known(nil, 5), event: (true, 6), outcome: .init(sale: .write, earlierReject: .superseded),
            after: known(6, 5), stateAfter: .superseded),
        Transition(
            before: known(nil, 5), event: (true, 5), outcome: .init(sale: .write, removesReject: true),
            after: known(5, nil), stateAfter: nil),
        Transition(
            before: known(nil, 5), event: (true, 4), outcome: .init(sale: .write, earlierReject: .pendingCorrection),
            after: known(4, 5), stateAfter: .pendingCorrection),
        Transition(
            before: known(nil, 5), event: (false, 6), outcome: .init(reject: .open, earlierReject: .superseded),
            after: known(nil, 6), stateAfter: .open),
        Transition(
            before: known(nil, 5), event: (false, 5), outcome: .init(reject: .open), after: known(nil, 5),
            stateAfter: .open),
        Transition(
            before: known(nil, 5), event: (false, 4), outcome: .init(reject: .superseded), after: known(nil, 5),
            stateAfter: .open),
        // A valid row and a later reject: pending correction.
        Transition(
            before: known(5, 7), event: (true, 8), outcome: .init(sale: .write, earlierReject: .superseded),
            after: known(8, 7), stateAfter: .superseded),
        Transition(
            before: known(5, 7), event: (true, 7), outcome: .init(sale: .write, removesReject: true),
            after: known(7, nil), stateAfter: nil),
        Transition(
            before: known(5, 7), event: (true, 6), outcome: .init(sale: .write), after: known(6, 7),
            stateAfter: .pendingCorrection),
        Transition(
            before: known(5, 7), event: (true, 5), outcome: .init(sale: .write), after: known(5, 7),
            stateAfter: .pendingCorrection),
        Transition(
            before: known(5, 7), event: (true, 4), outcome: .init(), after: known(5, 7),
            stateAfter: .pendingCorrection),
        Transition(
            before: known(5, 7), event: (false, 8),
            outcome: .init(reject: .pendingCorrection, earlierReject: .superseded), after: known(5, 8),
            stateAfter: .pendingCorrection),
        Transition(
            before: known(5, 7), event: (false, 7), outcome: .init(reject: .pendingCorrection), after: known(5, 7),
            stateAfter: .pendingCorrection),
        Transition(
            before: known(5, 7), event: (false, 6), outcome: .init(reject: .superseded), after: known(5, 7),
            stateAfter: .pendingCorrection),
        Transition(
            before: known(5, 7), event: (false, 5),
            outcome: .init(sale: .remove, reject: .superseded, earlierReject: .open), after: known(nil, 7),
            stateAfter: .open),
        Transition(
            before: known(5, 7), event: (false, 4), outcome: .init(reject: .superseded), after: known(5, 7),
            stateAfter: .pendingCorrection),
        // A reject and a later valid row: superseded.
        Transition(
            before: known(7, 5), event: (true, 8), outcome: .init(sale: .write), after: known(8, 5),
            stateAfter: .superseded),
        Transition(
            before: known(7, 5), event: (true, 7), outcome: .init(sale: .write), after: known(7, 5),
            stateAfter: .superseded),
        Transition(
            before: known(7, 5), event: (true, 6), outcome: .init(), after: known(7, 5), stateAfter: .superseded),
        Transition(
            before: known(7, 5), event: (true, 5), outcome: .init(removesReject: true), after: known(7, nil),
            stateAfter: nil),
        Transition(
            before: known(7, 5), event: (true, 4), outcome: .init(), after: known(7, 5), stateAfter: .superseded),
        Transition(
            before: known(7, 5), event: (false, 8), outcome: .init(reject: .pendingCorrection), after: known(7, 8),
            stateAfter: .pendingCorrection),
        Transition(
            before: known(7, 5), event: (false, 7), outcome: .init(sale: .remove, reject: .open),
            after: known(nil, 7), stateAfter: .open),
        Transition(
            before: known(7, 5), event: (false, 6), outcome: .init(reject: .superseded), after: known(7, 6),
            stateAfter: .superseded),
        Transition(
            before: known(7, 5), event: (false, 5), outcome: .init(reject: .superseded), after: known(7, 5),
            stateAfter: .superseded),
        Transition(
            before: known(7, 5), event: (false, 4), outcome: .init(reject: .superseded), after: known(7, 5),
            stateAfter: .superseded),
    ]

    @Test("changes as rule 7 says", arguments: transitions)
    func transition(expected: Transition) {
        var verdict = expected.before
        let outcome =
            expected.event.isValid
            ? verdict.applyValid(version: expected.event.version)
            : verdict.applyRefused(version: expected.event.version)
        #expect(outcome == expected.outcome)
        #expect(verdict == expected.after)
        #expect(verdict.rejectState == expected.stateAfter)
    }

    @Test("covers every order of versions once")
    func complete() {
        let keys = Set(
            Self.transitions.map {
                "\($0.event.isValid) \(order($0.event.version, $0.before.validVersion))"
                    + " \(order($0.event.version, $0.before.refusedVersion))"
                    + " \(order($0.before.validVersion, $0.before.refusedVersion))"
            })
        #expect(keys.count == Self.transitions.count)
        // Two events × (nothing 1, valid only 3, reject only 3, both in two orders of 5 each).
        #expect(keys.count == 2 * (1 + 3 + 3 + 5 + 5))
    }

    @Test("ends the same in whatever order the versions come, and when they come again", arguments: [UInt64(31)])
    func anyOrder(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<5_000 {
            let isValid = (0..<6).map { _ in Bool.random(using: &generator) }
            var order = Array(0..<6) + (0..<3).map { _ in Int.random(in: 0..<6, using: &generator) }
            order.shuffle(using: &generator)
            var table = Table()
            for version in order {
                table.judge(isValid: isValid[version], version: Int64(version))
            }
            let highestValid = isValid.lastIndex(of: true).map(Int64.init)
            #expect(table.valid == highestValid, "seed \(seed)")
            for version in 0..<6 where !isValid[version] {
                let expected: RejectState =
                    version < 5 ? .superseded : highestValid == nil ? .open : .pendingCorrection
                #expect(table.rejects[Int64(version)] == expected, "seed \(seed): \(isValid) \(order)")
            }
        }
    }

    private func order(_ left: Int64?, _ right: Int64?) -> String {
        guard let left, let right else { return left == nil ? "no left" : "no right" }
        return left < right ? "<" : left == right ? "=" : ">"
    }

    /// What a warehouse would hold after writing the outcomes.
    private struct Table {
        var valid: Int64?
        var rejects: [Int64: RejectState] = [:]

        mutating func judge(isValid: Bool, version: Int64) {
            let refusedBefore = rejects.keys.max()
            var verdict = SaleVerdict(validVersion: valid, refusedVersion: refusedBefore)
            let outcome = isValid ? verdict.applyValid(version: version) : verdict.applyRefused(version: version)
            if let refusedBefore, let state = outcome.earlierReject { rejects[refusedBefore] = state }
            if outcome.removesReject { rejects[version] = nil }
            if let state = outcome.reject { rejects[version] = state }
            switch outcome.sale {
            case .keep: break
            case .write: valid = version
            case .remove: valid = nil
            }
        }
    }
}
