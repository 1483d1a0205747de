/// Products or customers in a fixed order, reached by their index from 0.
protocol CatalogueSource: Sendable {
    /// How many there are.
    var count: Int { get }
    /// Adds the bytes of the row at an index.
    func appendRow(at index: Int, to bytes: inout [UInt8])
}
