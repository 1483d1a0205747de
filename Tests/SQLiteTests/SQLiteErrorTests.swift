import RetailTestKit
import SQLite
import Testing

@Suite("A failure of SQLite")
struct SQLiteErrorTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test("is busy while another connection writes, and may be tried again")
    func busy() throws {
        let holder = try open()
        try holder.execute("CREATE TABLE file.numbers (number INTEGER)")
        let other = try open(busyTimeoutMilliseconds: 0)
        try holder.transaction {
            try holder.execute("INSERT INTO file.numbers VALUES (1)")
            let error = try #require(throws: SQLiteError.self) {
                try other.execute("INSERT INTO file.numbers VALUES (2)")
            }
            #expect(error.code == .busy)
            #expect(error.isRetriable)
        }
        try other.execute("INSERT INTO file.numbers VALUES (2)")
        #expect(try holder.integer("SELECT count(*) FROM file.numbers") == 2)
    }

    @Test("is full when the file may not grow, and leaves what was there")
    func full() throws {
        let database = try open()
        try database.execute("CREATE TABLE file.pages (page BLOB); INSERT INTO file.pages VALUES (zeroblob(10))")
        try database.execute("PRAGMA file.max_page_count = 8")
        let error = try #require(throws: SQLiteError.self) {
            try database.transaction {
                try database.execute("INSERT INTO file.pages VALUES (zeroblob(10))")
                try database.execute("INSERT INTO file.pages VALUES (zeroblob(1000000))")
            }
        }
        #expect(error.code == .full)
        #expect(!error.isRetriable)
        #expect(try database.integer("SELECT count(*) FROM file.pages") == 1)
    }

    @Test("is read-only where nothing may be written")
    func readOnly() throws {
        try open().execute("CREATE TABLE file.numbers (number INTEGER)")
        let database = try open(access: .readOnly)
        let error = try #require(throws: SQLiteError.self) {
            try database.execute("INSERT INTO file.numbers VALUES (1)")
        }
        #expect(error.code == .readOnly)
    }

    @Test("is not a database when the file is none")
    func notADatabase() throws {
        try directory.write(Array(String(repeating: "This is a letter.\n", count: 100).utf8), to: "file.db")
        let error = try #require(throws: SQLiteError.self) {
            _ = try open().integer("SELECT count(*) FROM file.sqlite_schema")
        }
        #expect(error.code == .notADatabase)
    }

    @Test("is a broken constraint, with its kind in the extended code")
    func constraint() throws {
        let database = try open()
        try database.execute("CREATE TABLE file.numbers (number INTEGER NOT NULL UNIQUE CHECK (number < 9))")
        var kinds: Set<Int32> = []
        try database.execute("INSERT INTO file.numbers VALUES (1)")
        for value in ["1", "NULL", "9"] {
            let error = try #require(throws: SQLiteError.self) {
                try database.execute("INSERT INTO file.numbers VALUES (\(value))")
            }
            #expect(error.code == .constraint)
            #expect(error.extendedCode & 0xFF == error.code.rawValue)
            kinds.insert(error.extendedCode)
        }
        #expect(kinds.count == 3)
    }

    @Test("is an error in the SQL, told with the SQL and the file but without bound values")
    func description() throws {
        let database = try open()
        let mistake = try #require(throws: SQLiteError.self) { try database.execute("SELEKT 1") }
        #expect(mistake.code == .error)
        #expect(mistake.description.contains("SELEKT 1"))
        #expect(mistake.description.contains(directory.file("file.db")))

        try database.execute("CREATE TABLE file.people (name TEXT UNIQUE)")
        let insert = try database.prepare("INSERT INTO file.people VALUES (?1)")
        try insert.bind("Ada Lovelace", at: 1)
        try insert.run()
        do {
            try insert.run()
            Issue.record("the same name came twice")
        } catch {
            #expect(!error.description.contains("Ada"))
            #expect(error.operation == "INSERT INTO file.people VALUES (?1)")
        }
    }

    @Test("is told by prepare as well")
    func prepare() throws {
        let database = try open()
        do {
            _ = try database.prepare("SELECT * FROM file.nothing")
            Issue.record("there is no such table")
        } catch {
            #expect(error.code == .error)
            #expect(error.message.contains("nothing"))
        }
    }

    private func open(access: Database.Access = .create, busyTimeoutMilliseconds: Int32 = 5_000) throws -> Database {
        let database = try Database(busyTimeoutMilliseconds: busyTimeoutMilliseconds)
        try database.attach(directory.file("file.db"), as: "file", access: access)
        return database
    }
}
