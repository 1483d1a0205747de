/// Rows of one page that are to be published, and where the cursor stands once they are.
struct Publication: Sendable {
    let page: SalesPage
    /// Indices of the page's rows.
    let rows: [Int]
    /// The walk's last sale behind this page; nil leaves the cursor's where it is.
    let lastID: Int64?
    /// When the re-sweep began that this ends; nil leaves the cursor's where it is.
    var resweepAt: Int64?

    var bytes: Int { rows.reduce(0) { $0 + page.rows[$1].bytes.count } }
}
