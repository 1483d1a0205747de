internal import Foundation

/// Stops ingestion before a flood of refused records is written off as rejects.
///
/// It looks at new rejects only (contents refused before do not count): their share of the last 10,000 records, once
/// there were 1,000, and how many came in a row. Its state is stored with the offsets, so that a restart does not
/// make it forget.
package struct RejectBreaker: Sendable, Hashable, Codable {
    /// What one batch added, or small ones that followed each other.
    private struct Step: Sendable, Hashable, Codable {
        var records: Int
        var rejects: Int
        /// The first of the rejects; nil where there are none, and in states of older releases.
        var first: RecordPosition?
    }

    /// Why ingestion has to stop.
    package struct Trip: Sendable, Hashable {
        package let reason: String
        /// The first of the rejects that the reason counts, also when it was written by a batch before.
        package let first: RecordPosition
    }

    static let windowRecords = 10_000
    static let recordsMin = 1_000
    /// So many records of small batches make one step: else the state, which is stored with each batch, grows with
    /// their number.
    private static let stepRecords = windowRecords / 100

    private var window: [Step] = []
    private var run = 0
    private var runStart: RecordPosition?

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
    ///   - runs: its runs of new refusals.
    ///   - position: where the record of an index lies.
    package mutating func take(
        records: Int, rejects: Int, runs: RunLengths, percentMax: Double, consecutiveMax: Int,
        position: (_ index: Int) -> RecordPosition
    ) -> Trip? {
        let first = runs.first.map(position)
        append(Step(records: records, rejects: rejects, first: first))
        var seen = window.reduce(0) { $0 + $1.records }
        while let first = window.first, seen - first.records >= RejectBreaker.windowRecords {
            seen -= first.records
            window.removeFirst()
        }
        let refused = window.reduce(0) { $0 + $1.rejects }
        // A run that the batches before left unfinished, and that goes on here.
        let carried = runs.leading > 0 ? run + runs.leading : 0
        let carriedStart = run > 0 ? runStart ?? first : first
        let longest = max(carried, runs.longest)
        let longestStart = carried >= runs.longest ? carriedStart : runs.longestStart.map(position)
        runStart = runs.leading == records ? carriedStart : runs.trailingStart.map(position)
        run = runs.leading == records ? run + records : runs.trailing
        guard rejects > 0, let first else { return nil }
        if longest > consecutiveMax {
            return Trip(reason: "\(longest) records in a row were refused", first: longestStart ?? first)
        }
        if seen >= RejectBreaker.recordsMin, Double(refused) * 100 > percentMax * Double(seen) {
            return Trip(
                reason: "\(refused) of the last \(seen) records were refused",
                first: window.lazy.compactMap(\.first).first ?? first)
        }
        return nil
    }

    private mutating func append(_ step: Step) {
        guard let last = window.last, last.records + step.records <= RejectBreaker.stepRecords else {
            return window.append(step)
        }
        window[window.count - 1] = Step(
            records: last.records + step.records, rejects: last.rejects + step.rejects, first: last.first ?? step.first)
    }

    /// Runs of refused records within a batch.
    package struct RunLengths: Sendable, Hashable {
        /// At the batch's beginning, at its end, and anywhere.
        package var leading = 0
        package var trailing = 0
        package var longest = 0
        /// The indices of the first refusal, and of those that begin the longest run and the one at the end.
        package private(set) var first: Int?
        package private(set) var longestStart: Int?
        package private(set) var trailingStart: Int?

        /// - Parameter refused: the indices of refused records, ascending, of `records` records.
        package init(refused: [Int], records: Int) {
            var run = 0
            var next = 0
            first = refused.first
            for index in refused {
                run = index == next ? run + 1 : 1
                next = index + 1
                if run > longest {
                    longest = run
                    longestStart = next - run
                }
                if run == index + 1 { leading = run }
            }
            trailing = next == records ? run : 0
            trailingStart = trailing > 0 ? records - trailing : nil
        }
    }
}
