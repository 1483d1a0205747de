internal import Foundation

/// Stops ingestion before a flood of refused records is written off as rejects.
///
/// It looks at new rejects only (contents refused before do not count): their share of the last 10,000 records, once
/// there were 1,000, and how many came in a row. Its state is stored with the offsets, so that a restart does not
/// make it forget.
package struct RejectBreaker: Sendable, Hashable, Codable {
    /// What one batch added.
    private struct Step: Sendable, Hashable, Codable {
        var records: Int
        var rejects: Int
    }

    static let windowRecords = 10_000
    static let recordsMin = 1_000

    private var window: [Step] = []
    private var run = 0

    package init() {}

    /// Reads what `json` wrote; a state that can't be read counts as none.
    package init(json: String?) {
        guard let json, let known = try? JSONDecoder().decode(RejectBreaker.self, from: Data(json.utf8)) else { return }
        self = known
    }

    package var json: String {
        let encoder = JSONEncoder()
        // The same state must be the same text: it is written only when it changes.
        encoder.outputFormatting = .sortedKeys
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    /// Takes in a batch and says why ingestion has to stop; nil when it may go on.
    ///
    /// - Parameters:
    ///   - records: how many records the batch has.
    ///   - rejects: how many of its refusals are new.
    ///   - longestRun: its longest run of refusals, from the start and up to the end of the batch included.
    package mutating func take(
        records: Int, rejects: Int, runs: RunLengths, percentMax: Double, consecutiveMax: Int
    ) -> String? {
        window.append(Step(records: records, rejects: rejects))
        var seen = window.reduce(0) { $0 + $1.records }
        while let first = window.first, seen - first.records >= RejectBreaker.windowRecords {
            seen -= first.records
            window.removeFirst()
        }
        let refused = window.reduce(0) { $0 + $1.rejects }
        let longest = max(run + runs.leading, runs.longest)
        run = runs.leading == records ? run + records : runs.trailing
        if rejects > 0, longest > consecutiveMax { return "\(longest) records in a row were refused" }
        if rejects > 0, seen >= RejectBreaker.recordsMin, Double(refused) * 100 > percentMax * Double(seen) {
            return "\(refused) of the last \(seen) records were refused"
        }
        return nil
    }

    /// Runs of refused records within a batch.
    package struct RunLengths: Sendable, Hashable {
        /// At the batch's beginning, at its end, and anywhere.
        package var leading = 0
        package var trailing = 0
        package var longest = 0

        /// - Parameter refused: the indices of refused records, ascending, of `records` records.
        package init(refused: [Int], records: Int) {
            var run = 0
            var next = 0
            for index in refused {
                run = index == next ? run + 1 : 1
                next = index + 1
                longest = max(longest, run)
                if run == index + 1 { leading = run }
            }
            trailing = next == records ? run : 0
        }
    }
}
