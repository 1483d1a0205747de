import PostgreSQL

/// A database of a test's own, dropped with its last owner, whoever is still connected: hundreds of them fill a disk.
package final class ScratchDatabase: Sendable {
    /// Its name.
    package let name: String
    private let server: PostgreSQLServer

    init(name: String, server: PostgreSQLServer) {
        self.name = name
        self.server = server
    }

    deinit {
        // A server that is gone took it along.
        guard let parameters = try? ConnectionParameters(url: server.url()) else { return }
        try? Connection(parameters).execute("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
    }
}
