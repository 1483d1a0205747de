/// Many records judged: the valid sales, their lines and strings in flat arrays, and the refusals.
///
/// A ``SaleParser`` fills it. Emptied with ``removeAll()`` it is used again without allocating.
package struct SaleBatch: Sendable {
    /// The valid sales, in the order of their records.
    package internal(set) var rows: [Row] = []
    /// The lines of all valid sales; each row names its range.
    package internal(set) var lines: [Line] = []
    /// The UTF-8 bytes of all strings; slices name their place.
    package internal(set) var text: [UInt8] = []
    /// The records that are not valid, in order.
    package internal(set) var refusals: [Refusal] = []
    /// For each record, in the order of parsing: whether views may open it as JSON.
    ///
    /// True when it is well-formed, as strict as SQLite's `json_valid`, and PostgreSQL's `jsonb` takes it: no
    /// `\u0000`, no half of a surrogate pair, no number beyond what `numeric` holds. A record can be JSON and refused,
    /// and (with such a value in an unknown field) a valid sale that views may not open.
    package internal(set) var jsonRecords: [Bool] = []

    /// Makes an empty batch.
    package init() {}

    /// Empties the batch and keeps its memory.
    package mutating func removeAll() {
        rows.removeAll(keepingCapacity: true)
        lines.removeAll(keepingCapacity: true)
        text.removeAll(keepingCapacity: true)
        refusals.removeAll(keepingCapacity: true)
        jsonRecords.removeAll(keepingCapacity: true)
    }

    /// Lends the UTF-8 bytes of a string; the pointer is good only inside `body`.
    package func withText<Result>(
        _ slice: TextSlice, _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
    ) rethrows -> Result {
        try text.withUnsafeBufferPointer { bytes in
            try body(UnsafeBufferPointer(rebasing: bytes[slice.offset..<slice.offset + slice.length]))
        }
    }

    /// A copy of a string.
    package func string(_ slice: TextSlice) -> String {
        withText(slice) { String(decoding: $0, as: UTF8.self) }
    }
}
