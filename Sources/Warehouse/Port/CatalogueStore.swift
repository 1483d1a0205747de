package import Retail

/// A catalogue that the API serves only as a whole.
package enum Catalogue: String, Sendable, CaseIterable {
    case products, customers
}

/// One row of a full refresh, as served.
package struct CatalogueRow: Sendable, Hashable {
    /// The row's own key; nil when it has none that can be used.
    package let key: String?
    package let payload: [UInt8]
    /// Whether views may open the payload as JSON.
    package let isJSON: Bool
    /// The page file that the row came in.
    package let fileName: String

    package init(key: String?, payload: [UInt8], isJSON: Bool, fileName: String) {
        self.key = key
        self.payload = payload
        self.isJSON = isJSON
        self.fileName = fileName
    }
}

/// A full refresh that was proven complete.
package struct CatalogueSnapshot: Sendable {
    package let catalogue: Catalogue
    /// In the order served; a key comes once.
    package let rows: [CatalogueRow]
    package let pages: Int
    package let declaredTotal: Int64?
    /// How often the whole catalogue was read until it was believed.
    package let sweeps: Int
    /// Why it is believed complete, in words.
    package let proof: String
    /// When the API had answered the last page: microseconds of UTC.
    package let answeredAt: Int64

    package init(
        catalogue: Catalogue, rows: [CatalogueRow], pages: Int, declaredTotal: Int64?, sweeps: Int, proof: String,
        answeredAt: Int64
    ) {
        self.catalogue = catalogue
        self.rows = rows
        self.pages = pages
        self.declaredTotal = declaredTotal
        self.sweeps = sweeps
        self.proof = proof
        self.answeredAt = answeredAt
    }
}

/// What the batch layer may ask of a warehouse about catalogues. Blocking: called from a thread of its own.
package protocol CatalogueStore: Sendable {
    /// Keeps a snapshot in raw, in one transaction that is on the disk when this returns: its proof, its keys, and
    /// the rows that differ from the last ones kept. Returns the snapshot's number and how many rows that were.
    func keep(_ snapshot: CatalogueSnapshot) throws -> (snapshot: Int64, rowsKept: Int)

    /// The newest snapshot in raw, when it was not merged into ods yet.
    func unmergedSnapshot(of catalogue: Catalogue) throws -> Int64?

    /// Merges a snapshot into ods, in one transaction that is on the disk when this returns.
    func merge(_ snapshot: Int64, of catalogue: Catalogue, timeZone: RetailTimeZone) throws -> MergeCounts
}

/// What a merge did to the rows of ods.
package struct MergeCounts: Sendable, Hashable, Codable {
    package var inserted = 0
    package var changed = 0
    package var unchanged = 0
    /// Not served any more: closed, never deleted.
    package var vanished = 0
    /// Served again after having vanished.
    package var returned = 0
    /// Not valid: the last valid version stays.
    package var refused = 0
}
