/// Options of `demo`.
struct DemoOptions: Hashable, Sendable {
    /// A directory with the data that the simulated API serves; nil: data made up on the spot.
    var dataDirectory: String?
    /// Where the warehouse stays; nil: it goes when the command ends.
    var keepDirectory: String?
    /// How many sales flow; nil: as many as the command finds good.
    var sales: Int?
}
