import Batch
import Retail
import Warehouse

/// What became of the balance, for people and scripts.
struct BalanceOutcome: Sendable {
    var report = BalanceCheck.Report()
    /// Why no hour was compared; nil when that was tried.
    var notCompared: String?

    /// The differences, when there are any.
    var error: BalanceError? { BalanceError(report) }

    var text: String {
        var lines: [String] = []
        if let notCompared { lines.append("no hour compared: \(notCompared)") }
        for state in BalanceEntry.State.allCases {
            let hours = report.hours(state)
            guard let last = hours.last else { continue }
            var line = "\(state.words): \(hours.count) \(hours.count == 1 ? "hour" : "hours"), the last \(last.hour)"
            if let reason = last.reason { line += " (\(reason))" }
            lines.append(line)
        }
        if lines.isEmpty { lines.append("no hour is over that was not balanced before") }
        if let mart = report.mart {
            lines.append(
                "mart: \(mart.lines) lines of ods = \(mart.rows) rows + \(mart.orphans) orphans".replacing(
                    "=", with: mart.isBalanced ? "=" : "is not"))
        }
        return lines.map { "balance: \($0)\n" }.joined()
    }

    var json: JSONValue {
        [
            "not_compared": JSONValue(notCompared), "hours": .array(report.entries.map(\.json)),
            "mart": report.mart.map { JSONValue(encoding: $0) } ?? .null,
        ]
    }
}

extension BalanceEntry {
    fileprivate var json: JSONValue {
        let counts = holdings.map { holdings -> [String: JSONValue] in
            [
                "raw": JSONValue(holdings.records), "foreign": JSONValue(holdings.foreign),
                "sales": JSONValue(holdings.sales), "stored": JSONValue(holdings.stored),
                "refused": JSONValue(holdings.refused), "missing": .array(holdings.missing.map { JSONValue($0) }),
            ]
        }
        return .object(
            (counts ?? [:]).merging([
                "hour": .text(hour.description), "state": .text(state.rawValue), "published": JSONValue(published),
                "reason": JSONValue(reason),
            ]) { first, _ in first })
    }
}

extension BalanceEntry.State {
    fileprivate var words: String {
        switch self {
        case .balanced: "balanced"
        case .different: "DIFFERENT"
        case .accepted: "accepted"
        case .open: "open"
        case .notCounted: "not counted"
        }
    }
}
