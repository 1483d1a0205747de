import Foundation
import PostgreSQL
import PostgreSQLTestKit
import Testing

@Suite("A failure of PostgreSQL", .timeLimit(.minutes(2)))
struct FailureTests {
    private let database: TestDatabase

    init() async throws { database = try await TestDatabase() }

    @Test(
        "is told by what it means to the caller",
        arguments: [
            ("40001", "serialization"), ("40P01", "deadlock"), ("55P03", "lock_not_available"), ("57014", "canceled"),
            ("42501", "insufficient_privilege"), ("53100", "disk_full"), ("53200", "insufficient_resources"),
            ("25006", "read_only"), ("57P01", "connection_lost"), ("08006", "connection_lost"),
            ("57P03", "cannot_connect"), ("28P01", "authentication"), ("42P01", "undefined_object"),
            ("42P07", "duplicate_object"), ("23503", "constraint"), ("XX001", "damaged"), ("58030", "input_output"),
            ("22012", "other"),
        ])
    func code(_ state: String, _ code: String) async throws {
        let database = database
        try await OwnThread.run {
            let connection = try database.connect()
            let error = try #require(throws: PostgreSQLError.self) {
                try connection.execute("DO $$ BEGIN RAISE EXCEPTION 'told' USING ERRCODE = '\(state)'; END $$")
            }
            #expect(error.code.rawValue == code)
            #expect(error.sqlState == state)
            #expect(error.message == "told")
            #expect(error.isRetriable == ["40001", "40P01"].contains(state))
        }
    }

    @Test("names no row and no parameter")
    func noData() async throws {
        let database = database
        try await OwnThread.run {
            let connection = try database.connect()
            try connection.execute("CREATE TABLE people (name text PRIMARY KEY)")
            let insert = Statement("insert", "INSERT INTO people VALUES ($1)")
            try connection.run(insert, [.text("Ada")])
            let error = try #require(throws: PostgreSQLError.self) { try connection.run(insert, [.text("Ada")]) }
            #expect(error.code == .constraint)
            #expect(!"\(error)".contains("Ada"))
        }
    }

    @Test("of a role that may not is a missing privilege")
    func privilege() async throws {
        let database = database
        try await OwnThread.run {
            let owner = try database.connect()
            try owner.execute(
                "CREATE TABLE secrets (secret text); CREATE ROLE \(database.name)_guest LOGIN")
            let guest = try database.connect(user: "\(database.name)_guest")
            let error = try #require(throws: PostgreSQLError.self) { try guest.query("SELECT * FROM secrets") }
            #expect(error.code == .insufficientPrivilege)
        }
    }

    @Test("when the server ends the connection is a lost one, and a reconnect makes it good")
    func lostConnection() async throws {
        let database = database
        try await OwnThread.run {
            let (connection, other) = (try database.connect(), try database.connect())
            try other.query("SELECT pg_terminate_backend($1::integer)", [.text("\(connection.backendProcess)")])
            let error = try #require(throws: PostgreSQLError.self) { try connection.query("SELECT 1") }
            #expect(error.code == .connectionLost)
            // Nothing goes on where the state of things is unknown.
            #expect(throws: PostgreSQLError.self) { try connection.query("SELECT 1") }
            try connection.reconnect()
            #expect(try connection.integer("SELECT 1") == 1)
        }
    }

    @Test("when the server crashes in a transaction is a lost connection, and what was committed is there afterwards")
    func crash() async throws {
        try await OwnThread.run {
            let server = try PostgreSQLServer(settings: ["fsync": "on"])
            let connection = try Connection(ConnectionParameters(url: server.url()))
            try connection.execute("CREATE TABLE numbers (number bigint); INSERT INTO numbers VALUES (1)")
            let error = try #require(throws: PostgreSQLError.self) {
                try connection.transaction {
                    try connection.execute("INSERT INTO numbers VALUES (2)")
                    try server.kill()
                    try connection.execute("INSERT INTO numbers VALUES (3)")
                }
            }
            #expect(error.code == .connectionLost)
            let refused = try #require(throws: PostgreSQLError.self) { try connection.reconnect() }
            #expect(refused.code == .cannotConnect)
            try server.start()
            let after = try Connection(ConnectionParameters(url: server.url()))
            #expect(try after.integer("SELECT sum(number)::bigint FROM numbers") == 1)
            try server.stop()
        }
    }
}
