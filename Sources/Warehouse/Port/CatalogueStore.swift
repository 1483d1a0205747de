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

/// A full refresh as it was read.
package struct CatalogueSnapshot: Sendable {
    package let catalogue: Catalogue
    /// In the order served; a key comes once.
    package let rows: [CatalogueRow]
    package let pages: Int
    package let declaredTotal: Int64?
    /// How often the whole catalogue was read until it was believed.
    package let sweeps: Int
    /// Why it is believed complete, in words; `none` where nothing proves it.
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
///
/// A snapshot is believed when it was kept without an objection, or accepted since. What ods holds follows from the
/// believed snapshots in raw, merged one after the other.
package protocol CatalogueStore: Sendable {
    /// What a full refresh is to be compared with; nil before the first snapshot that was believed.
    ///
    /// - Parameter since: the largest snapshot is looked for among those answered since then (microseconds of UTC),
    ///   and not before the last one that was accepted by hand.
    func baseline(of catalogue: Catalogue, since: Int64) throws -> CatalogueBaseline?

    /// Keeps a snapshot in raw, in one transaction that is on the disk when this returns: its proof, its keys, and
    /// the rows that differ from the last ones kept. Returns the snapshot's number and how many rows that were.
    ///
    /// - Parameter objection: why it is not believed; nil when it is.
    func keep(_ snapshot: CatalogueSnapshot, objection: String?) throws -> (snapshot: Int64, rowsKept: Int)

    /// The snapshots that are believed and newer than what ods was merged from, in order; without those that hold the
    /// same as the one before.
    func unmergedSnapshots(of catalogue: Catalogue) throws -> [Int64]

    /// The newest snapshot in raw, when it is not believed.
    func heldSnapshot(of catalogue: Catalogue) throws -> HeldSnapshot?

    /// Notes that a snapshot is believed in spite of the objection; on the disk when this returns.
    func accept(_ snapshot: Int64) throws

    /// Merges a snapshot into ods and its history, in one transaction that is on the disk when this returns. One that
    /// changes nothing, or is older than what was merged, writes nothing.
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

    /// Whether any row of ods is another one than before.
    package var changesAnything: Bool { inserted + changed + vanished + returned > 0 }

    /// The rows of the snapshot.
    package var rows: Int { inserted + changed + unchanged + returned + refused }
}
