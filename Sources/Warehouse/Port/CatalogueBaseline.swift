/// What a full refresh is compared with before it is believed.
package struct CatalogueBaseline: Sendable {
    /// Of the last snapshot that was believed: the rows with a usable key, each once.
    package let rows: [CatalogueRow]
    /// The most rows with a usable key among the believed snapshots of a while, the last one included.
    package let largest: Int

    package init(rows: [CatalogueRow], largest: Int) {
        self.rows = rows
        self.largest = max(largest, rows.count)
    }
}

/// A snapshot that is not believed: in raw, and not in ods.
package struct HeldSnapshot: Sendable, Hashable, Codable {
    /// `products` or `customers`.
    package var catalogue: String
    package var snapshot: Int64
    package var rows: Int64
    /// When the API had answered: UTC text, `YYYY-MM-DDTHH:MM:SS.mmmZ`.
    package var answered: String
    /// Why it is not believed, in words.
    package var objection: String

    package init(catalogue: String, snapshot: Int64, rows: Int64, answered: String, objection: String) {
        self.catalogue = catalogue
        self.snapshot = snapshot
        self.rows = rows
        self.answered = answered
        self.objection = objection
    }
}
