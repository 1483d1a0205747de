/// What an extraction of sales did.
package struct ExtractReport: Sendable, Hashable, Codable {
    /// Records published, and pages that had any.
    package var records = 0
    package var pages = 0
    /// Of these: sales that were asked again and had changed, or had become visible late.
    package var lateOrChanged = 0
    /// Re-sweeps that were finished.
    package var resweeps = 0
    /// Sales of the warehouse that the API did not serve any more when its last days were listed again.
    package var missing = 0
    /// Sales that were asked for and are in the warehouse already, as they are (backfill).
    package var known = 0
    package var transactions = 0
    /// Pages that repeated rows below their start, and were asked again.
    package var repeatedPages = 0
    /// The last sale of the walk.
    package var lastID: Int64?
    /// Whether this was a backfill beside the follower's cursor.
    package var isBackfill = false

    enum CodingKeys: String, CodingKey {
        case records, pages, known, transactions, resweeps, missing
        case lateOrChanged = "late_or_changed"
        case repeatedPages = "repeated_pages"
        case lastID = "last_id"
        case isBackfill = "is_backfill"
    }

    package init() {}
}
