import SQLite
import Testing

@Suite("A statement")
struct StatementTests {
    @Test("gives back integers as they were bound", arguments: [Int64.min, -1, 0, 1, 1 << 53 + 1, .max])
    func integers(value: Int64) throws {
        let statement = try Database().prepare("SELECT ?1, typeof(?1)")
        statement.bind(value, at: 1)
        try requireRow(statement)
        #expect(statement.integer(at: 0) == value)
        #expect(statement.optionalInteger(at: 0) == value)
        #expect(statement.text(at: 1) == "integer")
    }

    @Test("gives back text as it was bound", arguments: ["", "a", "Ä€😀", "a\u{0}b", "it's \"quoted\"", "e\u{301}"])
    func texts(value: String) throws {
        let database = try Database()
        let statement = try database.prepare("SELECT ?1, typeof(?1), CAST(?1 AS BLOB)")
        try statement.bind(value, at: 1)
        try requireRow(statement)
        let copied = statement.withBytes(at: 2) { $0.map(Array.init) }
        #expect(copied == Array(value.utf8))
        #expect(Array(statement.text(at: 0).utf8) == Array(value.utf8))
        #expect(statement.text(at: 1) == "text")
        statement.reset()
        try Array(value.utf8).withUnsafeBytes { bytes in
            statement.bindBorrowed(text: bytes, at: 1)
            try requireRow(statement)
            let borrowed = statement.withBytes(at: 2) { $0.map(Array.init) }
            #expect(borrowed == Array(value.utf8))
            #expect(statement.text(at: 1) == "text")
            statement.reset()
        }
    }

    @Test("gives back bytes as they were bound", arguments: [[], [0], [0xFF, 0xFE, 0, 0x80], [UInt8](0...255)])
    func bytes(value: [UInt8]) throws {
        let statement = try Database().prepare("SELECT ?1, typeof(?1)")
        try value.withUnsafeBytes { bytes in
            statement.bindBorrowed(blob: bytes, at: 1)
            try requireRow(statement)
            let read = statement.withBytes(at: 0) { $0.map(Array.init) }
            #expect(read == value)
            #expect(statement.text(at: 1) == "blob")
            statement.reset()
        }
    }

    @Test("tells NULL from nothing at all")
    func nulls() throws {
        let statement = try Database().prepare("SELECT ?1, ?2, ?3, ?4, ?5")
        statement.bind(nil as Int64?, at: 1)
        try statement.bind(nil as String?, at: 2)
        statement.bindBorrowed(text: nil, at: 3)
        statement.bindBorrowed(blob: nil, at: 4)
        try statement.bind("", at: 5)
        try requireRow(statement)
        for column in Int32(0)..<4 {
            #expect(statement.isNull(at: column) == true)
            #expect(statement.optionalInteger(at: column) == nil)
            #expect(statement.optionalText(at: column) == nil)
            let isNil = statement.withBytes(at: column) { $0 == nil }
            #expect(isNil)
        }
        #expect(statement.isNull(at: 4) == false)
        #expect(statement.optionalText(at: 4) == "")
        #expect(statement.text(at: 0) == "")
    }

    @Test("reads what is no UTF-8 with a mark in its place, never fails")
    func invalidText() throws {
        let statement = try Database().prepare("SELECT CAST(x'61FF62' AS TEXT)")
        try requireRow(statement)
        #expect(statement.text(at: 0) == "a\u{FFFD}b")
    }

    @Test("names its columns and reads real numbers")
    func columns() throws {
        let statement = try Database().prepare("SELECT 0.25 AS quarter, 1 AS \"one more\"")
        try requireRow(statement)
        #expect(statement.columnCount == 2)
        #expect(statement.name(ofColumn: 0) == "quarter")
        #expect(statement.name(ofColumn: 1) == "one more")
        #expect(statement.name(ofColumn: 2) == "")
        #expect(statement.real(at: 0) == 0.25)
    }

    @Test("runs again after its end, with its bindings")
    func again() throws {
        let database = try Database()
        try database.execute("CREATE TABLE numbers (number INTEGER)")
        let insert = try database.prepare("INSERT INTO numbers VALUES (?1)")
        insert.bind(7, at: 1)
        try insert.run()
        try insert.run()
        insert.bind(8, at: 1)
        try insert.run()
        #expect(try database.integer("SELECT sum(number) FROM numbers") == 22)
    }

    @Test("can be used again after a failure")
    func afterFailure() throws {
        let database = try Database()
        try database.execute("CREATE TABLE numbers (number INTEGER PRIMARY KEY)")
        let insert = try database.prepare("INSERT INTO numbers VALUES (?1)")
        for (number, fits) in [(1, true), (1, false), (2, true)] {
            insert.bind(Int64(number), at: 1)
            do {
                try insert.run()
                #expect(fits)
            } catch {
                #expect(!fits && error.code == .constraint)
            }
        }
        #expect(try database.integer("SELECT count(*) FROM numbers") == 2)
    }

    @Test("keeps its connection open")
    func connection() throws {
        var database: Database? = try Database()
        weak let connection = database
        try database?.execute("CREATE TABLE numbers AS SELECT 5 AS number")
        let statement = try #require(database).prepare("SELECT number FROM numbers")
        database = nil
        #expect(connection != nil)
        try requireRow(statement)
        #expect(statement.integer(at: 0) == 5)
    }

    private func requireRow(_ statement: borrowing Statement) throws {
        let hasRow = try statement.step()
        try #require(hasRow)
    }
}
