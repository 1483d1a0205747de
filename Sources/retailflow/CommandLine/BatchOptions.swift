/// Options of `batch`.
struct BatchOptions: Hashable, Sendable {
    /// A part of the batch.
    enum Part: String, CaseIterable, Sendable {
        /// Products and customers, fetched in full and merged.
        case reconcile
        /// The mart, built anew, audited, flipped.
        case rebuild
    }

    /// What is done, in the order of ``Part``; never empty.
    var parts: Set<Part> = Set(Part.allCases)
}
