import RetailTestKit
import SQLite
import Testing

@Suite("A database connection")
struct DatabaseTests {
    private struct Interruption: Error {}

    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test("attaches files under any name and path", arguments: ["plain.db", "a b?c#d%20&e.db", "Ä€😀.db", "it's.db"])
    func paths(name: String) throws {
        let database = try Database()
        try database.attach(directory.file(name), as: "some \"schema\"", access: .create)
        try database.execute("CREATE TABLE \"some \"\"schema\"\"\".numbers AS SELECT 5 AS number")
        #expect(try directory.names() == [name])
        let other = try Database()
        try other.attach(directory.file(name), as: "other", access: .readOnly)
        #expect(try other.integer("SELECT number FROM other.numbers") == 5)
    }

    @Test("makes no file unless it is asked to", arguments: [Database.Access.readOnly, .readWrite])
    func missing(access: Database.Access) throws {
        let database = try Database()
        let error = try #require(throws: SQLiteError.self) {
            try database.attach(directory.file("missing.db"), as: "file", access: access)
        }
        #expect(error.code == .cannotOpen)
        #expect(error.path.hasSuffix("missing.db"))
        #expect(try directory.names() == [])
    }

    @Test("commits a transaction as a whole")
    func commit() throws {
        let (writer, reader) = try pair()
        let result = try writer.transaction {
            try writer.execute("INSERT INTO file.numbers VALUES (1)")
            #expect(try reader.integer("SELECT count(*) FROM file.numbers") == 0)
            try writer.execute("INSERT INTO file.numbers VALUES (2)")
            return "done"
        }
        #expect(result == "done")
        #expect(try reader.integer("SELECT count(*) FROM file.numbers") == 2)
    }

    @Test("rolls a transaction back when its body throws, and works on")
    func rollback() throws {
        let (writer, reader) = try pair()
        #expect(throws: Interruption.self) {
            try writer.transaction {
                try writer.execute("INSERT INTO file.numbers VALUES (1)")
                throw Interruption()
            }
        }
        #expect(try reader.integer("SELECT count(*) FROM file.numbers") == 0)
        try writer.transaction { try writer.execute("INSERT INTO file.numbers VALUES (2)") }
        #expect(try reader.integer("SELECT sum(number) FROM file.numbers") == 2)
    }

    @Test("rolls back when a statement within fails, also when SQLite has rolled back by itself")
    func rollbackBySQLite() throws {
        let (writer, reader) = try pair()
        let error = try #require(throws: SQLiteError.self) {
            try writer.transaction {
                try writer.execute("INSERT INTO file.numbers VALUES (1)")
                try writer.execute("INSERT OR ROLLBACK INTO file.numbers VALUES (1)")
            }
        }
        #expect(error.code == .constraint)
        #expect(try reader.integer("SELECT count(*) FROM file.numbers") == 0)
        try writer.transaction { try writer.execute("INSERT INTO file.numbers VALUES (3)") }
        #expect(try reader.integer("SELECT count(*) FROM file.numbers") == 1)
    }

    @Test("locks every writable file at the start of a transaction")
    func locksAtOnce() throws {
        let (writer, _) = try pair()
        let other = try Database(busyTimeoutMilliseconds: 0)
        try other.attach(directory.file("other.db"), as: "mine", access: .create)
        try other.attach(directory.file("file.db"), as: "file", access: .readWrite)
        try writer.transaction {
            let error = try #require(throws: SQLiteError.self) {
                try other.transaction { Issue.record("the body ran without the lock") }
            }
            #expect(error.code == .busy)
        }
    }

    @Test("shows an unchanging picture inside a snapshot")
    func snapshot() throws {
        let (writer, reader) = try pair()
        try reader.snapshot {
            #expect(try reader.integer("SELECT count(*) FROM file.numbers") == 0)
            try writer.execute("INSERT INTO file.numbers VALUES (1)")
            #expect(try reader.integer("SELECT count(*) FROM file.numbers") == 0)
        }
        #expect(try reader.integer("SELECT count(*) FROM file.numbers") == 1)
    }

    @Test("leaves the write-ahead log where it is, empty, if it is asked to")
    func keptLog() throws {
        for keeps in [false, true] {
            do {
                let database = try Database()
                try database.attach(directory.file("file.db"), as: "file", access: .create)
                try database.execute("PRAGMA file.journal_mode = WAL")
                if keeps { try database.keepWriteAheadLog(of: "file") }
                try database.execute("CREATE TABLE file.table\(keeps) (number INTEGER)")
            }
            #expect(try directory.names() == ["file.db"] + (keeps ? ["file.db-shm", "file.db-wal"] : []))
        }
        #expect(try directory.read("file.db-wal") == [])
    }

    @Test("counts changes and names the last row")
    func changes() throws {
        let (writer, _) = try pair()
        try writer.execute("INSERT INTO file.numbers VALUES (5), (6), (9)")
        #expect(writer.changes == 3)
        #expect(writer.lastInsertedRow == 9)
        try writer.execute("INSERT INTO file.numbers VALUES (5) ON CONFLICT DO NOTHING")
        #expect(writer.changes == 0)
    }

    @Test("reads nil where there is no row, and where there is NULL")
    func noRow() throws {
        let database = try Database()
        #expect(try database.integer("SELECT 1 WHERE 1 = 0") == nil)
        #expect(try database.integer("SELECT NULL") == nil)
        #expect(try database.text("SELECT 'a' WHERE 1 = 0") == nil)
        #expect(try database.text("SELECT NULL") == nil)
        #expect(try database.text("SELECT ''") == "")
    }

    /// A writer and a reader of one file with an empty table.
    private func pair() throws -> (Database, Database) {
        let writer = try Database()
        try writer.attach(directory.file("file.db"), as: "file", access: .create)
        try writer.execute("PRAGMA file.journal_mode = WAL")
        try writer.execute("CREATE TABLE file.numbers (number INTEGER PRIMARY KEY)")
        let reader = try Database()
        try reader.attach(directory.file("file.db"), as: "file", access: .readOnly)
        return (writer, reader)
    }
}
