package import Warehouse

/// Why the batch layer did not believe or not apply something.
package struct BatchError: Error, Sendable, Hashable, CustomStringConvertible {
    package struct Code: RawRepresentable, Sendable, Hashable {
        package let rawValue: String
        package init(rawValue: String) { self.rawValue = rawValue }

        /// The API's listing never agreed with itself: nothing of it was kept.
        package static let catalogueUnproven = Code(rawValue: "catalogue_unproven")
        /// The listing is whole and absurd: it is in raw and was not applied.
        package static let catalogueHeldBack = Code(rawValue: "catalogue_held_back")
    }

    package let code: Code
    package let catalogue: Catalogue
    /// The snapshot that is held back; nil when none was kept.
    package let snapshot: Int64?
    /// What was seen, without any row of data.
    package let reason: String

    package init(code: Code, catalogue: Catalogue, snapshot: Int64? = nil, reason: String) {
        self.code = code
        self.catalogue = catalogue
        self.snapshot = snapshot
        self.reason = reason
    }

    package var description: String {
        guard code == .catalogueHeldBack, let snapshot else {
            return "\(catalogue.rawValue): the full refresh is not believed: \(reason); "
                + "nothing of it was applied; try again, and tell the API's owner if it stays so"
        }
        return "\(catalogue.rawValue): snapshot \(snapshot) is held back: \(reason); it is in raw, and nothing of it "
            + "was applied; if it is right, apply it: retailflow batch --accept-catalogue; if not, tell the API's owner"
    }
}

/// Catalogues that were refused, and what became of the others.
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
