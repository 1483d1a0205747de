internal import Retail

/// Why records were refused, counted, in one line without a value of any record.
struct RejectSummary: CustomStringConvertible {
    private let counts: [(reason: String, count: Int)]

    init(_ refusals: [SaleBatch.Refusal]) {
        var counts: [String: Int] = [:]
        for refusal in refusals {
            for reason in refusal.reasons {
                // items[2].quantity and items[3].quantity are the same fault.
                let field = reason.field.replacing(/\[\d+\]/, with: "[]")
                counts["\(field) \(reason.code.rawValue)", default: 0] += 1
            }
        }
        self.counts = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) }
    }

    var description: String {
        counts.prefix(5).map { "\($0.reason) ×\($0.count)" }.joined(separator: ", ")
    }
}
