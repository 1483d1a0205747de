import Dispatch
import Foundation
import RetailTestKit
import SQLite
import Synchronization
import Testing
import WarehouseTestKit

@testable import Warehouse

@Suite("The files of a SQLite warehouse")
struct SQLiteSchemaTests {
    private static let names = ["dmt.db", "ods.db", "ops.db", "raw.db"]
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test("are made with their directory, marked as ours, with a write-ahead log")
    func create() throws {
        let path = directory.file("a/deep directory/ü")
        #expect(!SQLiteWarehouse.exists(in: path))
        _ = try open(path)
        #expect(SQLiteWarehouse.exists(in: path))
        for name in Self.names {
            let database = try Database()
            try database.attach("\(path)/\(name)", as: "file", access: .readOnly)
            #expect(try database.integer("PRAGMA file.application_id") == 0x5246_4C57)
            let schema = try #require(SQLiteSchema.all.first { "\($0.name).db" == name })
            #expect(try database.integer("PRAGMA file.user_version") == schema.version)
            #expect(try database.text("PRAGMA file.journal_mode") == "wal")
        }
    }

    @Test("are opened again without any change")
    func reopen() throws {
        _ = try open()
        let before = try contents()
        _ = try open()
        #expect(try contents() == before)
    }

    @Test("are completed when one is missing, and keep what the others hold")
    func missing() throws {
        try SQLiteSalesWriter(open(), codeVersion: "1").ingest([SaleDraft(id: 1)])
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: directory.file("raw.db\(suffix)"))
        }
        #expect(!SQLiteWarehouse.exists(in: directory.path))
        let warehouse = try SQLiteWarehouseUnderTest(in: directory)
        #expect(try warehouse.number("SELECT count(*) FROM ods.sales") == 1)
        #expect(try warehouse.number("SELECT count(*) FROM raw.sales") == 0)
        // What raw has lost is asked for again, from the first record on.
        let stored = try warehouse.salesWriter().storedPositions(log: 1)
        #expect(stored == [0: StoredPosition(raw: nil, ods: 1)])
    }

    @Test("are refused when one is of a newer release, and nothing is changed or made", arguments: names)
    func newer(name: String) throws {
        _ = try open()
        try change(name, "PRAGMA file.user_version = 99")
        for other in Self.names where other != name {
            try FileManager.default.removeItem(atPath: directory.file(other))
        }
        let before = try contents()
        let error = try #require(throws: WarehouseError.self) { try open() }
        #expect(error.code == .newerSchema)
        #expect(error.place.hasSuffix(name))
        #expect(error.what.contains("99"))
        #expect(try contents() == before)
    }

    static let foreign = [
        "PRAGMA file.application_id = 1", "CREATE TABLE file.notes (note TEXT)", "PRAGMA file.user_version = 1",
        "CREATE TABLE file.sales (id INTEGER); PRAGMA file.application_id = 77; PRAGMA file.user_version = 1",
    ]

    @Test("are refused when one is another program's, and nothing is changed or made", arguments: foreign)
    func otherProgram(sql: String) throws {
        try change("dmt.db", sql)
        let before = try contents()
        let error = try #require(throws: WarehouseError.self) { try open() }
        #expect(error.code == .notAWarehouse)
        #expect(error.place.hasSuffix("dmt.db"))
        #expect(try contents() == before)
    }

    @Test("are refused when one is no database at all, and it stays as it is")
    func noDatabase() throws {
        try directory.write(Array(String(repeating: "A letter to my aunt.\n", count: 500).utf8), to: "ods.db")
        let before = try contents()
        let error = try #require(throws: WarehouseError.self) { try open() }
        #expect(error.code == .notAWarehouse)
        #expect(try contents() == before)
    }

    @Test("are told apart from a place where no file can be")
    func cannotOpen() throws {
        try directory.write([1], to: "file")
        let inFile = try #require(throws: WarehouseError.self) { try open(directory.file("file/below")) }
        #expect(inFile.code == .cannotOpen)
        try FileManager.default.createDirectory(
            atPath: directory.file("raw.db"), withIntermediateDirectories: false)
        let isDirectory = try #require(throws: WarehouseError.self) { try open() }
        #expect(isDirectory.code == .cannotOpen)
    }

    @Test("survive an end between being made and being filled")
    func emptyFile() throws {
        try directory.write([], to: "raw.db")
        try change("ods.db", "PRAGMA file.page_size = 8192; PRAGMA file.journal_mode = WAL")
        let warehouse = try SQLiteWarehouseUnderTest(in: directory)
        #expect(try warehouse.number("SELECT count(*) FROM raw.sales") == 0)
        #expect(try warehouse.number("SELECT count(*) FROM ods.sales") == 0)
    }

    @Test("are made by one of many that come at once, and all can use them", arguments: 1...8)
    func manyAtOnce(round: Int) throws {
        let failures = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 6) { _ in
            do {
                let warehouse = try SQLiteWarehouse(directory: directory.path, clock: TestClock().wallClock)
                _ = try SQLiteStatusReader(warehouse).read()
            } catch {
                failures.withLock { $0.append("\(error)") }
            }
        }
        #expect(failures.withLock { $0 } == [])
    }

    @Test("report a full disk as such, and go on when there is room again")
    func full() throws {
        let warehouse = try open()
        let writer = try RawSalesWriter(warehouse)
        // The limit is one of the connection, so the writer's own has to be told.
        let limited = try warehouse.connect(writing: ["raw"])
        try limited.execute("PRAGMA raw.max_page_count = 20")
        let error = try #require(throws: WarehouseError.self) {
            try translating(directory.path) {
                try limited.transaction {
                    try limited.execute("CREATE TABLE raw.filler AS SELECT zeroblob(1000000) AS filler")
                }
            }
        }
        #expect(error.code == .full)
        #expect(error.isRetriable)
        let record = RecordDraft(SaleDraft(id: 1), version: 1, offset: 0)
        #expect(try writer.write(.of([record])).inserted == 1)
    }

    @Test("tell in the warehouse's words what SQLite refuses")
    func words() throws {
        let warehouse = try open()
        let writer = try warehouse.connect(writing: ["ops"])
        func failure(_ body: () throws -> Void) throws -> WarehouseError {
            try #require(throws: WarehouseError.self) { try translating(directory.path, body) }
        }
        let readOnly = try failure {
            try warehouse.connect(reading: ["ops"]).execute("DELETE FROM ops.runs")
        }
        #expect(readOnly.code == .readOnly && !readOnly.isRetriable)
        let busy = try failure {
            let other = try Database(busyTimeoutMilliseconds: 0)
            try other.attach(directory.file("ops.db"), as: "ops", access: .readWrite)
            try writer.transaction { try other.execute("DELETE FROM ops.runs") }
        }
        #expect(busy.code == .busy && busy.isRetriable)
        let bug = try failure { try writer.execute("SELECT * FROM ops.no_such_table") }
        #expect(bug.code == .bug && !bug.isRetriable)
        for error in [readOnly, busy, bug] {
            #expect(error.description.contains(directory.path))
            #expect(!error.remedy.isEmpty)
        }
    }

    @Test("report a damaged file as such")
    func damaged() throws {
        let warehouse = try open()
        try SQLiteSalesWriter(warehouse, codeVersion: "1").ingest((1...200).map { SaleDraft(id: $0) })
        var bytes = try directory.read("ods.db")
        for index in 8_192..<bytes.count { bytes[index] = 0x5A }
        try directory.write(bytes, to: "ods.db")
        let error = try #require(throws: WarehouseError.self) {
            _ = try SQLiteKnownSales(warehouse).contentHashes(ofSales: [1, 2, 3])
        }
        #expect(error.code == .damaged)
    }

    private func open(_ path: String? = nil) throws -> SQLiteWarehouse {
        try SQLiteWarehouse(directory: path ?? directory.path, clock: TestClock().wallClock)
    }

    private func change(_ name: String, _ sql: String) throws {
        let database = try Database()
        try database.attach(directory.file(name), as: "file", access: .create)
        try database.execute(sql)
    }

    /// Every database file's bytes.
    private func contents() throws -> [String: [UInt8]] {
        let names = try directory.names().filter { $0.hasSuffix(".db") }
        return try Dictionary(uniqueKeysWithValues: names.map { ($0, try directory.read($0)) })
    }
}
