package import HTTPServer
package import Service
package import Telemetry

extension HTTPServer {
    /// Serves the endpoints of a service, within limits that a scraper and a few people need.
    ///
    /// - Parameters:
    ///   - address: in numbers, such as `127.0.0.1`.
    ///   - port: 0 takes a free one.
    /// - Throws: `HTTPServerError` when the port can't be had.
    package convenience init(
        address: String, port: Int, board: PartBoard, registry: MetricRegistry
    ) throws(HTTPServerError) {
        let endpoints = ServiceEndpoints(board, registry)
        try self.init(
            HTTPServerConfiguration(
                address: address, port: port, bodyBytesMax: 4_096, connectionsMax: 32, idleSecondsMax: 10),
            handler: endpoints.answer)
    }
}
