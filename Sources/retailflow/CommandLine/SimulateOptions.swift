import RetailAPISimulator

/// Options of `simulate`.
struct SimulateOptions: Hashable, Sendable {
    /// A directory with the data that is served; nil: data made up on the spot.
    var dataDirectory: String?
    /// Where to listen on the loopback interface; 0: any free port.
    var port = 8_080
    /// How many sales there are; nil: all of the data.
    var sales: Int?
    /// From which everything random follows; nil: a fixed one.
    var seed: UInt64?
    /// How many sales become visible a second; nil: all at once.
    var salesPerSecond: Double?
    /// How the rows of a page are wrapped; nil: an array and nothing around it.
    var shape: PageShape?
    /// Whether the sale named as start is served; nil: it is.
    var start: SimulatorConfiguration.Start?
    /// How the API misbehaves, as written.
    var faults: [String] = []
    /// A file with the key that requests must carry; nil: any key will do.
    var keyFile: String?
}
