/// What the simulated API serves, where, and in which of the ways that an API may choose.
package struct SimulatorConfiguration: Sendable {
    /// Whether a page of sales begins with the sale named or behind it. A date is always inclusive.
    package enum Start: String, Sendable, Hashable, CaseIterable {
        /// `start_sales_id=5` serves sale 5 and those behind it.
        case inclusive
        /// `start_sales_id=5` serves those behind sale 5.
        case exclusive
    }

    /// The data served.
    package var data: SimulatorData
    /// The address to listen on, as numbers.
    package var address: String
    /// The port to listen on; 0 takes a free one.
    package var port: Int
    /// The most rows of a page, whatever is asked for.
    package var pageRowsMax: Int
    /// Whether the sale named as start is served.
    package var start: Start
    /// How the rows are wrapped.
    package var shape: PageShape
    /// The key that requests must carry; nil asks for none.
    package var apiKey: String?
    /// The header that carries the key.
    package var keyHeader: String
    /// How many sales there are at the start; the rest appears at `salesPerSecond`. Nil: all.
    package var salesAtStart: Int?
    /// How many further sales appear in a second, if `salesAtStart` is given.
    package var salesPerSecond: Double
    /// The faults to play from the start.
    package var faults: [Fault]
    /// What the chance of the faults comes from.
    package var seed: UInt64
    /// Microseconds of a clock that only goes forward; it makes sales appear.
    package var nowMicroseconds: @Sendable () -> Int64

    /// Makes a configuration.
    package init(
        data: SimulatorData, address: String = "127.0.0.1", port: Int = 0, pageRowsMax: Int = 250,
        start: Start = .inclusive, shape: PageShape = .bareArray, apiKey: String? = nil,
        keyHeader: String = "X-API-Key", salesAtStart: Int? = nil, salesPerSecond: Double = 0, faults: [Fault] = [],
        seed: UInt64 = 1,
        nowMicroseconds: @escaping @Sendable () -> Int64 = SimulatorConfiguration.monotonicMicroseconds
    ) {
        self.data = data
        self.address = address
        self.port = port
        self.pageRowsMax = pageRowsMax
        self.start = start
        self.shape = shape
        self.apiKey = apiKey
        self.keyHeader = keyHeader
        self.salesAtStart = salesAtStart
        self.salesPerSecond = salesPerSecond
        self.faults = faults
        self.seed = seed
        self.nowMicroseconds = nowMicroseconds
    }

    /// The machine's clock that only goes forward, in microseconds.
    package static let monotonicMicroseconds: @Sendable () -> Int64 = {
        let elapsed = ContinuousClock.now - origin
        let (seconds, attoseconds) = elapsed.components
        return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }

    private static let origin = ContinuousClock.now
}
