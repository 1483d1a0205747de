/// Options of `batch`.
struct BatchOptions: Hashable, Sendable {
    /// A part of the batch.
    enum Part: String, CaseIterable, Sendable {
        /// Products and customers, fetched in full and merged.
        case reconcile
        /// The mart, built anew, audited, flipped.
        case rebuild
        /// What was published against what the warehouse holds, hour by hour.
        case balance
    }

    /// What is done, in the order of ``Part``; never empty.
    var parts: Set<Part> = Set(Part.allCases)
    /// Differences of the balance are taken as they are, and noted so.
    var acceptsBalance = false
    /// A catalogue that is held back is applied, and noted as accepted.
    var acceptsCatalogue = false
}
