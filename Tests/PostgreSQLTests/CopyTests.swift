import PostgreSQL
import PostgreSQLTestKit
import Testing

@Suite("Copying rows in", .timeLimit(.minutes(2)))
struct CopyTests {
    private static let copy = "COPY rows (id, place, name, payload, flag) FROM STDIN (FORMAT binary)"
    private let database: TestDatabase

    init() async throws { database = try await TestDatabase() }

    private func table() throws -> Connection {
        let connection = try database.connect()
        try connection.execute(
            "CREATE TABLE rows (id bigint PRIMARY KEY, place integer, name text, payload bytea, flag boolean NOT NULL)")
        return connection
    }

    @Test("writes every type, NULLs, and a value that is larger than what is sent at once")
    func types() async throws {
        try await OwnThread.run {
            let connection = try table()
            let large = [UInt8](repeating: 7, count: 300_000)
            let count = try connection.copy(CopyTests.copy) { rows in
                try rows.begin(fields: 5)
                rows.integer(Int64.min)
                rows.smallInteger(-3)
                rows.text("Größe")
                large.withUnsafeBytes { rows.bytes($0) }
                rows.boolean(true)
                try rows.begin(fields: 5)
                rows.integer(2)
                rows.null()
                rows.text("")
                rows.bytes(nil)
                rows.boolean(false)
            }
            #expect(count == 2)
            let rows = try connection.query(
                "SELECT id, place, name, length(payload), payload = $1, flag FROM rows ORDER BY id", [.bytes(large)])
            #expect(rows[0].integer(at: 0) == .min)
            #expect(rows[0].integer(at: 1) == -3)
            #expect(rows[0].text(at: 2) == "Größe")
            #expect(rows[0].integer(at: 3) == 300_000)
            #expect(rows[0].boolean(at: 4))
            #expect(rows[0].boolean(at: 5))
            #expect(rows[1].isNull(at: 1))
            #expect(rows[1].optionalText(at: 2) == "")
            #expect(rows[1].isNull(at: 3))
        }
    }

    @Test("writes hundreds of thousands of rows")
    func many() async throws {
        try await OwnThread.run {
            let connection = try table()
            let count = try connection.copy(CopyTests.copy) { rows in
                for id in 1...200_000 { try CopyTests.row(Int64(id), &rows) }
            }
            #expect(count == 200_000)
            #expect(try connection.integer("SELECT sum(id)::bigint FROM rows") == 20_000_100_000)
        }
    }

    @Test("fails as a whole with the server's error for a bad row, and the connection goes on")
    func badRow() async throws {
        try await OwnThread.run {
            let connection = try table()
            let error = try #require(throws: PostgreSQLError.self) {
                try connection.copy(CopyTests.copy) { rows in
                    for id in [1, 2, 1] { try CopyTests.row(Int64(id), &rows) }
                }
            }
            #expect(error.code == .constraint)
            #expect(error.sqlState == "23505")
            #expect(try connection.integer("SELECT count(*) FROM rows") == 0)
        }
    }

    @Test("writes nothing when whoever gives the rows fails, and tells that failure")
    func givenUp() async throws {
        struct NoMore: Error {}
        try await OwnThread.run {
            let connection = try table()
            #expect(throws: NoMore.self) {
                try connection.copy(CopyTests.copy) { rows in
                    for id in 1...50_000 { try CopyTests.row(Int64(id), &rows) }
                    throw NoMore()
                }
            }
            #expect(try connection.integer("SELECT count(*) FROM rows") == 0)
        }
    }

    @Test("into what is not there, or with another statement, says so")
    func notACopy() async throws {
        try await OwnThread.run {
            let connection = try table()
            let missing = try #require(throws: PostgreSQLError.self) {
                try connection.copy("COPY nothing FROM STDIN (FORMAT binary)") { _ in }
            }
            #expect(missing.code == .undefinedObject)
            #expect(throws: PostgreSQLError.self) { try connection.copy("SELECT 1") { _ in } }
            #expect(try connection.integer("SELECT 1") == 1)
        }
    }

    private static func row(_ id: Int64, _ rows: inout CopyWriter) throws {
        try rows.begin(fields: 5)
        rows.integer(id)
        rows.smallInteger(1)
        rows.text("a name of some length")
        rows.bytes(nil)
        rows.boolean(true)
    }
}
