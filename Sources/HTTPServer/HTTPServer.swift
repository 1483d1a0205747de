internal import CMicroHTTPD
internal import Synchronization

/// Serves HTTP by libmicrohttpd: one thread for each connection, connections kept alive, limits on size, number and
/// idle time. It listens on this machine only unless told otherwise. No TLS: a proxy before it does that.
///
/// ```swift
/// let server = try HTTPServer { request in
///     request.path == "/healthz" ? .text("ok\n") : .text("not found\n", status: 404)
/// }
/// print(server.port)
/// server.stop()
/// ```
package final class HTTPServer: Sendable {
    /// Answers a request. It is called on the thread of the connection, so that it may block, and by several threads
    /// at once. It must not stop the server.
    package typealias Handler = @Sendable (HTTPRequest) -> HTTPServerResponse

    /// The address it listens on.
    package let address: String
    /// The port it listens on, also when a free one was asked for.
    package let port: Int
    private let core: ServerCore
    private let daemon: Mutex<OpaquePointer?>

    /// Opens the port and starts to serve (`MHD_start_daemon`). Throws when the port cannot be had.
    package init(
        _ configuration: HTTPServerConfiguration = HTTPServerConfiguration(), handler: @escaping Handler
    ) throws(HTTPServerError) {
        var listening = try ListeningSocket(address: configuration.address, port: configuration.port)
        address = configuration.address
        port = listening.port
        func failure(_ reason: String) -> HTTPServerError {
            HTTPServerError(code: .other, address: "\(configuration.address):\(configuration.port)", reason: reason)
        }
        core = ServerCore(handler: handler, bodyBytesMax: configuration.bodyBytesMax)
        let flags =
            MHD_USE_INTERNAL_POLLING_THREAD.rawValue | MHD_USE_THREAD_PER_CONNECTION.rawValue | MHD_USE_POLL.rawValue
            | MHD_USE_ITC.rawValue
        let descriptor = listening.take()
        // The core is held by this server, which stops the daemon before it lets go.
        let started = retailflow_microhttpd_start(
            UInt32(flags), descriptor, handleRequest, completeRequest, Unmanaged.passUnretained(core).toOpaque(),
            UInt32(clamping: max(1, configuration.connectionsMax)),
            UInt32(clamping: max(0, configuration.idleSecondsMax)))
        // A failed start may have closed the socket or not; closing it twice could hit another file.
        guard let started else { throw failure("libmicrohttpd does not start") }
        daemon = Mutex(started)
    }

    deinit {
        stop()
    }

    /// Where clients reach it, such as `http://127.0.0.1:9464`, without a slash at the end.
    package var baseURL: String {
        address.contains(":") ? "http://[\(address)]:\(port)" : "http://\(address):\(port)"
    }

    /// Closes the port and every connection and waits for the handlers at work. A second call does nothing.
    package func stop() {
        let running = daemon.withLock { daemon in
            defer { daemon = nil }
            return daemon
        }
        guard let running else { return }
        MHD_stop_daemon(running)
    }
}
