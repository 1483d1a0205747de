import Configuration

/// Options of `extract`.
struct ExtractOptions: Hashable, Sendable {
    /// What the API is asked for.
    enum Endpoint: String, CaseIterable, Sendable {
        case sales
        case products
        case customers
    }

    /// What is extracted.
    var endpoint: Endpoint
    /// Where the listing begins; nil: at the cursor. Only with sales.
    var start: SalesStartPoint?
    /// Whether to go on when all sales are there. Only with sales.
    var follows = false
    /// A page's file to publish in place of asking the API. Only with sales.
    var file: String?
}
