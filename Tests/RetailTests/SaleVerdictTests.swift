import Retail
import RetailTestKit
import Testing

@Suite("The verdict on a sale id")
struct SaleVerdictTests {
    @Test("changes as rule 7 says", arguments: VerdictTransition.all)
    func transition(expected: VerdictTransition) {
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
            VerdictTransition.all.map {
                "\($0.event.isValid) \(order($0.event.version, $0.before.validVersion))"
                    + " \(order($0.event.version, $0.before.refusedVersion))"
                    + " \(order($0.before.validVersion, $0.before.refusedVersion))"
            })
        #expect(keys.count == VerdictTransition.all.count)
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
