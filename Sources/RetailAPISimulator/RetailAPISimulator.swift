internal import HTTPServer

/// A real HTTP server that serves a shop's sales, products and customers as the source API does, and misbehaves on
/// request. For `demo`, `simulate` and tests.
///
/// ```swift
/// let simulator = try RetailAPISimulator(
///     SimulatorConfiguration(data: .generated(GeneratedDataConfiguration(sales: 1_000_000))))
/// print(simulator.baseURL)
/// ```
package final class RetailAPISimulator: Sendable {
    private let responder: SimulatorResponder
    private let server: HTTPServer
    private let seed: UInt64

    /// Reads the data and starts to serve. Throws when the data cannot be read or the port cannot be had.
    package init(_ configuration: SimulatorConfiguration) throws(SimulatorError) {
        let responder = try SimulatorResponder(configuration)
        self.responder = responder
        seed = configuration.seed
        do {
            server = try HTTPServer(
                HTTPServerConfiguration(address: configuration.address, port: configuration.port)
            ) { responder.respond(to: $0) }
        } catch {
            throw SimulatorError(code: .cannotListen, reason: error.description)
        }
    }

    /// Where clients reach it, such as `http://127.0.0.1:8080`, without a slash at the end.
    package var baseURL: String { server.baseURL }

    /// The port it listens on, also when a free one was asked for.
    package var port: Int { server.port }

    /// What it has done so far.
    package var counters: SimulatorCounters {
        responder.withState { $0.counters }
    }

    /// How many sales there are in all, also those that have not appeared yet.
    package var salesCount: Int {
        responder.withState { $0.sales.count }
    }

    /// Plays other faults from now on; their counting begins anew.
    package func setFaults(_ faults: [Fault]) {
        responder.withState { $0.plan = FaultPlan(faults, seed: seed) }
    }

    /// Adds a sale, or puts it in the place of the one with its id. Throws `dataFixed` for made-up data.
    package func publish(sale row: String) throws(SimulatorError) {
        try responder.withState { (state) throws(SimulatorError) in try state.publish(row) }
    }

    /// Puts other rows in the place of a whole listing.
    package func replace(_ endpoint: SimulatedEndpoint, with rows: [String]) {
        responder.withState { $0.replace(endpoint, with: rows) }
    }

    /// Closes the port and every connection. A second call does nothing.
    package func stop() {
        server.stop()
    }
}
