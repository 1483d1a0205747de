internal import PostgreSQL
internal import Synchronization

/// Connections that are kept for the next one who needs one: making one costs the server a process.
final class ConnectionPool: Sendable {
    /// How many are kept while nobody uses them.
    private static let idleMax = 4

    // Right: a connection is in the pool or in the hands of one caller, never both.
    private struct Idle: @unchecked Sendable {
        let connection: Connection
    }

    private let idle = Mutex<[Idle]>([])
    private let open: @Sendable () throws -> Connection

    /// - Parameter open: makes a connection.
    init(_ open: @escaping @Sendable () throws -> Connection) { self.open = open }

    /// Lends a connection that answers. One on which something failed is not kept.
    func with<Result>(_ body: (Connection) throws -> Result) throws -> Result {
        let connection = try taken()
        let result = try body(connection)
        let kept = Idle(connection: connection)
        idle.withLock { if $0.count < ConnectionPool.idleMax { $0.append(kept) } }
        return result
    }

    private func taken() throws -> Connection {
        while let found = idle.withLock({ $0.popLast() }) {
            // The server may have been started anew meanwhile.
            if (try? found.connection.execute("")) != nil { return found.connection }
        }
        return try open()
    }
}
