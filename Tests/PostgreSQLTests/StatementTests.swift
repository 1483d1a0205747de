import PostgreSQL
import PostgreSQLTestKit
import Testing

@Suite("A statement of PostgreSQL", .timeLimit(.minutes(2)))
struct StatementTests {
    private let database: TestDatabase

    init() async throws { database = try await TestDatabase() }

    @Test("gives every type of parameter back as it went, NULL and the empty ones too")
    func types() async throws {
        let database = database
        try await OwnThread.run {
            let row = try database.connect().query(
                "SELECT $1, $2, $3, $4, $5::bigint, $6, $7, $8[2], $9[1], cardinality($10), $11::double precision",
                [
                    .integer(.min), .boolean(true), .text("Größe 🎈"), .bytes([0, 255, 1]), .null, .text(""), .bytes([]),
                    .integers([1, -2]), .texts(["a\"b", "c"]), .integers([]), .null,
                ])[0]
            #expect(row.integer(at: 0) == .min)
            #expect(row.boolean(at: 1))
            #expect(row.text(at: 2) == "Größe 🎈")
            #expect(row.withBytes(at: 3) { $0.map(Array.init) } == [0, 255, 1])
            #expect(row.optionalInteger(at: 4) == nil)
            #expect(row.optionalText(at: 5) == "")
            #expect(row.withBytes(at: 6) { $0.map(Array.init) } == [])
            #expect(row.integer(at: 7) == -2)
            #expect(row.text(at: 8) == "a\"b")
            #expect(row.integer(at: 9) == 0)
            #expect(row.optionalReal(at: 10) == nil)
        }
    }

    @Test("reads integers of every width, and real numbers")
    func widths() async throws {
        let database = database
        try await OwnThread.run {
            let row = try database.connect().query(
                "SELECT -1::smallint, -2::integer, -3::bigint, false, 0.5::double precision, 255::smallint")[0]
            #expect((0..<3).map { row.integer(at: $0) } == [-1, -2, -3])
            #expect(!row.boolean(at: 3))
            #expect(row.optionalReal(at: 4) == 0.5)
            #expect(row.integer(at: 5) == 255)
        }
    }

    @Test("that is prepared runs many times, and again after a reconnect")
    func prepared() async throws {
        let database = database
        try await OwnThread.run {
            let connection = try database.connect()
            try connection.execute("CREATE TABLE numbers (number bigint)")
            let insert = Statement("insert", "INSERT INTO numbers VALUES ($1)")
            for number in 1...3 { #expect(try connection.run(insert, [.integer(Int64(number))]).affected == 1) }
            let process = connection.backendProcess
            try connection.reconnect()
            #expect(connection.backendProcess != process)
            try connection.run(insert, [.integer(4)])
            #expect(try connection.integer("SELECT sum(number)::bigint FROM numbers") == 10)
        }
    }

    @Test("in a pipeline gives its own result, in order")
    func pipeline() async throws {
        let database = database
        try await OwnThread.run {
            let connection = try database.connect()
            let double = Statement("double", "SELECT 2 * $1")
            let name = Statement("name", "SELECT 'n' || $1 FROM generate_series(1, 2)")
            let results = try connection.pipeline([
                (double, [.integer(4)]), (name, [.text("x")]), (double, [.integer(5)]),
            ])
            #expect(results.map(\.count) == [1, 2, 1])
            #expect(results[0][0].integer(at: 0) == 8)
            #expect(results[1][1].text(at: 0) == "nx")
            #expect(results[2][0].integer(at: 0) == 10)
        }
    }

    @Test("that fails in a pipeline is the error, undoes those before it, and the connection goes on")
    func failingPipeline() async throws {
        let database = database
        try await OwnThread.run {
            let connection = try database.connect()
            try connection.execute("CREATE TABLE numbers (number bigint)")
            let insert = Statement("insert", "INSERT INTO numbers VALUES (10 / $1)")
            let error = try #require(throws: PostgreSQLError.self) {
                try connection.pipeline([(insert, [.integer(1)]), (insert, [.integer(0)]), (insert, [.integer(2)])])
            }
            #expect(error.sqlState == "22012")
            #expect(try connection.integer("SELECT count(*) FROM numbers") == 0)
        }
    }

    @Test("hands over more rows than one wants to keep, one by one, and ends with the error of whoever reads")
    func rowByRow() async throws {
        struct Enough: Error {}
        let database = database
        try await OwnThread.run {
            let connection = try database.connect()
            var sum: Int64 = 0
            try connection.forEachRow("SELECT generate_series(1, $1)", [.integer(100_000)]) { row in
                sum += row.integer(at: 0)
            }
            #expect(sum == 5_000_050_000)
            #expect(throws: Enough.self) {
                try connection.forEachRow("SELECT generate_series(1, 1000)") { _ in throw Enough() }
            }
            let error = try #require(throws: PostgreSQLError.self) {
                try connection.forEachRow("SELECT 1 / (2 - number) FROM generate_series(1, 2) AS number") { _ in }
            }
            #expect(error.sqlState == "22012")
            #expect(try connection.integer("SELECT 1") == 1)
        }
    }
}
