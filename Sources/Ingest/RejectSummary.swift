package import Retail

/// Why records were refused, counted by field and kind of fault, without a value of any record.
package struct RejectSummary: Sendable, Hashable, CustomStringConvertible {
    /// One kind of fault in one field.
    package struct Fault: Sendable, Hashable {
        /// The field's path, positions in arrays left out: `items[].quantity`.
        package let field: String
        package let code: ValidationReason.Code
    }

    private var records: [Fault: Int] = [:]

    package init(_ refusals: [SaleBatch.Refusal] = []) {
        for refusal in refusals { add(refusal) }
    }

    /// Counts one refused record: once for each of its faults, on however many lines they are.
    package mutating func add(_ refusal: SaleBatch.Refusal) {
        for fault in faults(of: refusal) { records[fault, default: 0] += 1 }
    }

    /// The first record with the most frequent fault.
    func example(among refusals: [SaleBatch.Refusal]) -> SaleBatch.Refusal? {
        guard let most = counts.first?.fault else { return nil }
        return refusals.first { faults(of: $0).contains(most) }
    }

    private func faults(of refusal: SaleBatch.Refusal) -> Set<Fault> {
        // items[2].quantity and items[3].quantity are the same fault.
        Set(refusal.reasons.map { Fault(field: $0.field.replacing(/\[\d+\]/, with: "[]"), code: $0.code) })
    }

    /// How many records have each fault, the most frequent first.
    package var counts: [(fault: Fault, records: Int)] {
        records.sorted { left, right in
            (right.value, left.key.field, left.key.code.rawValue) < (
                left.value, right.key.field, right.key.code.rawValue
            )
        }.map { ($0.key, $0.value) }
    }

    /// The five most frequent faults on one line.
    package var description: String {
        counts.prefix(5).map { "\($0.fault.field) \($0.fault.code) ×\($0.records)" }.joined(separator: ", ")
    }
}
