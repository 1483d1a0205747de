/// Options of `trace`.
struct TraceOptions: Hashable, Sendable {
    /// What is looked for.
    enum Subject: String, CaseIterable, Sendable {
        case sale
    }

    /// The sale's id.
    var sale: Int64
}
