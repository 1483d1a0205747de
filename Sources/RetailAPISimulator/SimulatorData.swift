/// What the simulator serves.
package enum SimulatorData: Sendable {
    /// The files `sales.jsonl`, `products.jsonl` and `customers.jsonl` of a folder: each line is a row, served byte for
    /// byte; sales in ascending id. A missing file of products or customers is an empty listing.
    case folder(String)
    /// Rows given as they are to be served.
    case rows(sales: [String], products: [String], customers: [String])
    /// Made on demand from a seed.
    case generated(GeneratedDataConfiguration)
}
