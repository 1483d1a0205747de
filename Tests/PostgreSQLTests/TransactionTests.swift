import PostgreSQL
import PostgreSQLTestKit
import Testing

@Suite("A transaction of PostgreSQL", .timeLimit(.minutes(2)))
struct TransactionTests {
    private let database: TestDatabase

    init() async throws { database = try await TestDatabase() }

    private func table() throws -> Connection {
        let connection = try database.connect()
        try connection.execute(
            "CREATE TABLE counters (id bigint PRIMARY KEY, value bigint); INSERT INTO counters VALUES (1, 0), (2, 0)")
        return connection
    }

    @Test("is kept when it succeeds and undone when it throws")
    func keptOrUndone() async throws {
        struct No: Error {}
        try await OwnThread.run {
            let connection = try table()
            try connection.transaction { try connection.execute("UPDATE counters SET value = 1") }
            #expect(throws: No.self) {
                try connection.transaction {
                    try connection.execute("UPDATE counters SET value = 2")
                    throw No()
                }
            }
            #expect(try connection.integer("SELECT max(value) FROM counters") == 1)
        }
    }

    @Test("in which a failure was passed over is not taken for committed")
    func passedOver() async throws {
        try await OwnThread.run {
            let connection = try table()
            let error = try #require(throws: PostgreSQLError.self) {
                try connection.transaction {
                    try connection.execute("UPDATE counters SET value = 7")
                    try? connection.execute("SELECT 1 / 0")
                }
            }
            #expect(error.sqlState == "25P02")
            #expect(try connection.integer("SELECT max(value) FROM counters") == 0)
        }
    }

    @Test("that another one overtook is run again")
    func serialization() async throws {
        try await OwnThread.run {
            let (connection, other) = (try table(), try database.connect())
            var runs = 0
            try connection.transaction("BEGIN ISOLATION LEVEL REPEATABLE READ", attempts: 3) {
                runs += 1
                _ = try connection.integer("SELECT value FROM counters WHERE id = 1")
                if runs == 1 { try other.execute("UPDATE counters SET value = 10 WHERE id = 1") }
                try connection.execute("UPDATE counters SET value = value + 1 WHERE id = 1")
            }
            #expect(runs == 2)
            #expect(try connection.integer("SELECT value FROM counters WHERE id = 1") == 11)
        }
    }

    @Test("that is always overtaken fails in the end, as retriable")
    func alwaysOvertaken() async throws {
        try await OwnThread.run {
            let (connection, other) = (try table(), try database.connect())
            var runs = 0
            let error = try #require(throws: PostgreSQLError.self) {
                try connection.transaction("BEGIN ISOLATION LEVEL REPEATABLE READ", attempts: 3) {
                    runs += 1
                    _ = try connection.integer("SELECT value FROM counters WHERE id = 1")
                    try other.execute("UPDATE counters SET value = value + 10 WHERE id = 1")
                    try connection.execute("UPDATE counters SET value = value + 1 WHERE id = 1")
                }
            }
            #expect(runs == 3)
            #expect(error.code == .serialization)
            #expect(error.isRetriable)
        }
    }

    @Test("in a deadlock gives way and is run again")
    func deadlock() async throws {
        let database = database
        try await OwnThread.run { _ = try table() }
        // Each holds its first row before either asks for the other's.
        let (first, second) = (Gate(), Gate())
        async let one: Int = OwnThread.run {
            try TransactionTests.update([1, 2], in: database, mine: first, theirs: second)
        }
        async let two: Int = OwnThread.run {
            try TransactionTests.update([2, 1], in: database, mine: second, theirs: first)
        }
        // Who gives way may come back before the other one has woken up, and meet it once more.
        let runs = try await [one, two]
        #expect(runs.contains { $0 > 1 })
        let values = try await OwnThread.run {
            try database.connect().integer("SELECT sum(value)::bigint FROM counters")
        }
        #expect(values == 4)
    }

    private static func update(_ ids: [Int64], in database: TestDatabase, mine: Gate, theirs: Gate) throws -> Int {
        let connection = try database.connect()
        try connection.execute("SET deadlock_timeout = '50ms'")
        var runs = 0
        try connection.transaction(attempts: 100) {
            runs += 1
            for (number, id) in ids.enumerated() {
                if number == 1 {
                    mine.open()
                    theirs.pass()
                }
                try connection.query("UPDATE counters SET value = value + 1 WHERE id = $1", [.integer(id)])
            }
        }
        return runs
    }

    @Test("that only looks sees one unchanging picture and writes nothing")
    func snapshot() async throws {
        try await OwnThread.run {
            let (connection, other) = (try table(), try database.connect())
            try connection.snapshot {
                let before = try connection.integer("SELECT sum(value)::bigint FROM counters")
                try other.execute("UPDATE counters SET value = 5")
                #expect(try connection.integer("SELECT sum(value)::bigint FROM counters") == before)
            }
            let error = try #require(throws: PostgreSQLError.self) {
                try connection.snapshot { try connection.execute("UPDATE counters SET value = 5") }
            }
            #expect(error.code == .readOnly)
        }
    }
}
