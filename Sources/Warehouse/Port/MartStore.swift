/// What the batch layer may ask of a warehouse about the mart. Blocking: called from a thread of its own.
package protocol MartStore: Sendable {
    /// Builds a new generation of the mart aside, audits it, and lets readers see it with one update.
    ///
    /// - Parameter progress: told, between transactions, how many of how many sales are done.
    /// - Throws: `WarehouseError.auditFailed`: the old generation is still the one that is served.
    func rebuild(allowMissingCustomer: Bool, progress: (_ done: Int64, _ of: Int64) throws -> Void) throws -> MartReport
}

/// A generation of the mart in figures.
package struct MartReport: Sendable, Hashable, Codable {
    package var generation: Int64
    package var sales: Int64
    package var rows: Int64
    /// Lines, by (sale, sku), that stay out of the mart.
    package var orphans: Int64
    /// Their reasons, counted.
    package var orphansByReason: [String: Int64]
    /// Rows whose discount can't be computed: quantity or price 0, or beyond what the formula holds.
    package var withoutDiscount: Int64

    package init(
        generation: Int64, sales: Int64, rows: Int64, orphans: Int64, orphansByReason: [String: Int64],
        withoutDiscount: Int64
    ) {
        self.generation = generation
        self.sales = sales
        self.rows = rows
        self.orphans = orphans
        self.orphansByReason = orphansByReason
        self.withoutDiscount = withoutDiscount
    }
}
