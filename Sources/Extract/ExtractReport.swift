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
    /// Pages with nothing new that the next answer gave the lie to.
    package var emptyPages = 0
    /// Full pages without anything beyond their start.
    package var stuckPages = 0
    /// Pages whose ids did not rise.
    package var disorderedPages = 0
    /// Rows that a page had twice, word for word; one of them is published.
    package var duplicateRows = 0
    /// Pages whose declared total can't be true: fewer than their rows, or some left at the end.
    package var wrongTotals = 0
    /// The last sale of the walk.
    package var lastID: Int64?
    /// Whether this was a backfill beside the follower's cursor.
    package var isBackfill = false

    enum CodingKeys: String, CodingKey {
        case records, pages, known, transactions, resweeps, missing
        case lateOrChanged = "late_or_changed"
        case repeatedPages = "repeated_pages"
        case emptyPages = "empty_pages"
        case stuckPages = "stuck_pages"
        case disorderedPages = "disordered_pages"
        case duplicateRows = "duplicate_rows"
        case wrongTotals = "wrong_totals"
        case lastID = "last_id"
        case isBackfill = "is_backfill"
    }

    package init() {}

    /// Takes in what another part of the same run has done.
    mutating func add(_ other: ExtractReport) {
        records += other.records
        pages += other.pages
        lateOrChanged += other.lateOrChanged
        resweeps += other.resweeps
        missing += other.missing
        known += other.known
        transactions += other.transactions
        repeatedPages += other.repeatedPages
        emptyPages += other.emptyPages
        stuckPages += other.stuckPages
        disorderedPages += other.disorderedPages
        duplicateRows += other.duplicateRows
        wrongTotals += other.wrongTotals
        lastID = other.lastID ?? lastID
        isBackfill = isBackfill || other.isBackfill
    }
}
