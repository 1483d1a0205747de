package import Warehouse

/// A catalogue that the batch layer did not believe: it is in raw, and nothing of it was applied.
package struct BatchError: Error, Sendable, Hashable, CustomStringConvertible {
    package let catalogue: Catalogue
    /// The snapshot that is held back.
    package let snapshot: Int64
    /// What was seen, without any row of data.
    package let reason: String

    package init(catalogue: Catalogue, snapshot: Int64, reason: String) {
        self.catalogue = catalogue
        self.snapshot = snapshot
        self.reason = reason
    }

    package var description: String {
        "\(catalogue.rawValue): snapshot \(snapshot) is held back: \(reason); it is in raw, and nothing of it was applied; "
            + "if it is right, apply it: retailflow batch --accept-catalogue; if not, tell the API's owner"
    }
}

/// Catalogues that were not believed, and what became of the others.
package struct ReconciliationError: Error, Sendable, CustomStringConvertible {
    /// Of what was merged before and beside.
    package let reports: [Reconciliation.Report]
    /// Never empty.
    package let refusals: [BatchError]

    package init(reports: [Reconciliation.Report], refusals: [BatchError]) {
        self.reports = reports
        self.refusals = refusals
    }

    package var description: String { refusals.map(\.description).joined(separator: "; ") }
}
