import PostgreSQL
import PostgreSQLTestKit

/// A database of a test's own on the shared server.
struct TestDatabase: Sendable {
    let server: PostgreSQLServer
    private let scratch: ScratchDatabase
    var name: String { scratch.name }

    init() async throws {
        (server, scratch) = try await OwnThread.run {
            let server = try SharedServer.server
            return (server, try server.makeDatabase())
        }
    }

    func connect(user: String = "postgres", interrupter: Interrupter = Interrupter()) throws -> Connection {
        try Connection(
            ConnectionParameters(url: server.url(database: name, user: user)), interrupter: interrupter)
    }
}

extension Connection {
    /// The first column of the first row.
    func integer(_ sql: String, _ parameters: [Parameter] = []) throws -> Int64 {
        try query(sql, parameters)[0].integer(at: 0)
    }
}
