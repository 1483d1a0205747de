/// A listing of the source API.
package enum Endpoint: String, Sendable, Hashable, CaseIterable {
    /// Sales in ascending id, from a start on.
    case sales
    /// The whole catalogue of products, page by page.
    case products
    /// All customers, page by page.
    case customers
}
