/// Sales in ascending id, reached by their index from 0. Rows are written where they are wanted, none is kept.
protocol SalesSource: Sendable {
    /// How many there are.
    var count: Int { get }
    /// The id of the sale at an index; nil if the row has none.
    func id(at index: Int) -> Int64?
    /// The index of the first sale with this id or a greater one; `count` if there is none.
    func firstIndex(fromID id: Int64) -> Int
    /// The index of the first sale on this day (days since 1970-01-01) or a later one; `count` if there is none.
    func firstIndex(fromDay day: Int) -> Int
    /// Adds the bytes of the sale at an index.
    func appendRow(at index: Int, to bytes: inout [UInt8])
}
