/// Where a server listens and what it bears.
package struct HTTPServerConfiguration: Sendable {
    /// The address to listen on, as numbers: `127.0.0.1` (default), `::1`, `0.0.0.0`.
    package var address: String
    /// The port to listen on; 0 takes a free one, which `HTTPServer.port` tells.
    package var port: Int
    /// The largest body of a request, in bytes; a larger one is answered with 413.
    package var bodyBytesMax: Int
    /// How many connections may be open at once, each with a thread of its own; further ones are closed.
    package var connectionsMax: Int
    /// After so many seconds without a byte in either direction a connection is closed.
    package var idleSecondsMax: Int

    /// Makes a configuration; sizes in bytes.
    package init(
        address: String = "127.0.0.1", port: Int = 0, bodyBytesMax: Int = 1 << 20, connectionsMax: Int = 64,
        idleSecondsMax: Int = 60
    ) {
        self.address = address
        self.port = port
        self.bodyBytesMax = bodyBytesMax
        self.connectionsMax = connectionsMax
        self.idleSecondsMax = idleSecondsMax
    }
}
