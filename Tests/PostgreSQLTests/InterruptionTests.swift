import Foundation
import PostgreSQL
import PostgreSQLTestKit
import Testing

@Suite("Interrupting PostgreSQL", .timeLimit(.minutes(2)))
struct InterruptionTests {
    private let database: TestDatabase

    init() async throws { database = try await TestDatabase() }

    @Test("ends a running statement from another thread, and the connection goes on once it is cleared")
    func running() async throws {
        let database = database
        let interrupter = Interrupter()
        let duration = try await OwnThread.run {
            let connection = try database.connect(interrupter: interrupter)
            let backend = connection.backendProcess
            Thread.detachNewThread {
                InterruptionTests.waitUntilActive(backend, on: database.server)
                interrupter.interrupt()
            }
            let start = ContinuousClock.now
            let error = try #require(throws: PostgreSQLError.self) { try connection.query("SELECT pg_sleep(60)") }
            let duration = ContinuousClock.now - start
            #expect(error.code == .canceled)
            #expect(error.sqlState == "57014")
            let refused = try #require(throws: PostgreSQLError.self) { try connection.query("SELECT 1") }
            #expect(refused.code == .canceled)
            interrupter.clear()
            #expect(try connection.integer("SELECT 1") == 1)
            return duration
        }
        #expect(duration < .seconds(30))
    }

    @Test("ends the wait for another transaction's lock, and the transaction is undone")
    func waiting() async throws {
        let database = database
        let interrupter = Interrupter()
        try await OwnThread.run {
            let holder = try database.connect()
            try holder.execute("CREATE TABLE numbers (number bigint); INSERT INTO numbers VALUES (1), (2)")
            let connection = try database.connect(interrupter: interrupter)
            let backend = connection.backendProcess
            try holder.transaction {
                try holder.execute("UPDATE numbers SET number = 10 WHERE number = 1")
                Thread.detachNewThread {
                    InterruptionTests.wait(
                        until: "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid = $1", backend,
                        on: database.server)
                    interrupter.interrupt()
                }
                let error = try #require(throws: PostgreSQLError.self) {
                    try connection.transaction {
                        try connection.execute("UPDATE numbers SET number = 20 WHERE number = 2")
                        try connection.execute("UPDATE numbers SET number = 30 WHERE number = 1")
                    }
                }
                #expect(error.code == .canceled)
            }
            interrupter.clear()
            #expect(try connection.integer("SELECT sum(number)::bigint FROM numbers") == 12)
        }
    }

    @Test("in the middle of a copy forgets the rows")
    func copying() async throws {
        let database = database
        let interrupter = Interrupter()
        try await OwnThread.run {
            let connection = try database.connect(interrupter: interrupter)
            try connection.execute("CREATE TABLE numbers (number bigint)")
            let error = try #require(throws: PostgreSQLError.self) {
                try connection.copy("COPY numbers FROM STDIN (FORMAT binary)") { rows in
                    for number in 1...100_000 {
                        if number == 50_000 { interrupter.interrupt() }
                        try rows.begin(fields: 1)
                        rows.integer(Int64(number))
                    }
                }
            }
            #expect(error.code == .canceled)
            interrupter.clear()
            #expect(try connection.integer("SELECT count(*) FROM numbers") == 0)
        }
    }

    @Test("a server that does not answer gives the caller back, with the connection closed")
    func frozen() async throws {
        let interrupter = Interrupter()
        try await OwnThread.run {
            let server = try PostgreSQLServer()
            let connection = try Connection(ConnectionParameters(url: server.url()), interrupter: interrupter)
            let backend = connection.backendProcess
            Thread.detachNewThread {
                InterruptionTests.waitUntilActive(backend, on: server)
                // Neither the postmaster, which takes requests to cancel, nor the process of the connection runs on.
                try? server.freeze(backend)
                interrupter.interrupt()
            }
            let error = try #require(throws: PostgreSQLError.self) { try connection.query("SELECT pg_sleep(60)") }
            #expect(error.code == .canceled)
            interrupter.clear()
            let closed = try #require(throws: PostgreSQLError.self) { try connection.query("SELECT 1") }
            #expect(closed.code == .connectionLost)
            try server.thaw(backend)
        }
    }

    // Catches an interrupt of the old connection that keeps the new one from being made.
    @Test("does not keep a connection from being made anew")
    func reconnecting() async throws {
        let database = database
        let interrupter = Interrupter()
        try await OwnThread.run {
            let connection = try database.connect(interrupter: interrupter)
            interrupter.interrupt()
            try connection.reconnect()
            let error = try #require(throws: PostgreSQLError.self) { try connection.query("SELECT 1") }
            #expect(error.code == .canceled)
            interrupter.clear()
            #expect(try connection.integer("SELECT 1") == 1)
        }
    }

    // Catches an interrupt between two calls that belong together, which leaves a pipeline or a copy open.
    @Test("at any moment leaves a connection that works")
    func anyMoment() async throws {
        let database = database
        let interrupter = Interrupter()
        try await OwnThread.run {
            let connection = try database.connect(interrupter: interrupter)
            try connection.execute("CREATE TABLE numbers (number bigint)")
            let insert = Statement("insert", "INSERT INTO numbers VALUES ($1)")
            let process = connection.backendProcess
            for round in 0..<300 {
                let isDone = Gate()
                Thread.detachNewThread {
                    // A busy wait of up to some milliseconds, longer in each round: it comes everywhere once.
                    let moment = ContinuousClock.now + .microseconds(round * 10)
                    while ContinuousClock.now < moment {}
                    interrupter.interrupt()
                    isDone.open()
                }
                try? connection.transaction {
                    _ = try connection.pipeline((0..<10).map { (insert, [.integer(Int64($0))]) })
                    try connection.copy("COPY numbers FROM STDIN (FORMAT binary)") { rows in
                        for number in 0..<2_000 {
                            try rows.begin(fields: 1)
                            rows.integer(Int64(number))
                        }
                    }
                    try connection.forEachRow("SELECT number FROM numbers") { _ in }
                }
                isDone.pass()
                interrupter.clear()
                // Whole or not at all.
                #expect(try connection.integer("SELECT count(*) % 2010 FROM numbers") == 0, "round \(round)")
            }
            #expect(connection.backendProcess == process)
        }
    }

    private static func waitUntilActive(_ backend: Int32, on server: PostgreSQLServer) {
        wait(
            until: "SELECT count(*) FROM pg_stat_activity WHERE pid = $1 AND wait_event = 'PgSleep'", backend,
            on: server)
    }

    private static func wait(until condition: String, _ backend: Int32, on server: PostgreSQLServer) {
        guard let watcher = try? Connection(ConnectionParameters(url: server.url())) else { return }
        while (try? watcher.integer(condition, [.integer(Int64(backend))])) == 0 {}
    }
}
