/// What the simulator has done so far.
package struct SimulatorCounters: Sendable, Hashable {
    /// All requests, also those refused.
    package var requests = 0
    /// Requests of each listing.
    package var requestsByEndpoint: [SimulatedEndpoint: Int] = [:]
    /// Pages served of each listing, faulty ones too; not those answered with an error.
    package var pagesByEndpoint: [SimulatedEndpoint: Int] = [:]
    /// Rows in these pages.
    package var rowsByEndpoint: [SimulatedEndpoint: Int] = [:]
    /// How often each fault was played, by its name; for faults of rows, how many rows were served so.
    package var faultsFired: [String: Int] = [:]
}
