import Dispatch
import Retail
import RetailTestKit
import SQLite
import Synchronization
import Testing
import WarehouseTestKit

@testable import Warehouse

@Suite("A migration of a SQLite file")
struct SQLiteMigrationTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// Three releases of one file: each notes itself, and only works after the one before.
    private static func release(_ version: Int) -> SQLiteSchema {
        let all = [
            "CREATE TABLE raw.steps (step INTEGER PRIMARY KEY); INSERT INTO raw.steps VALUES (1);",
            "INSERT INTO raw.steps SELECT max(step) + 1 FROM raw.steps; CREATE TABLE raw.second (number INTEGER);",
            "INSERT INTO raw.steps SELECT max(step) + 1 FROM raw.steps; ALTER TABLE raw.second ADD COLUMN more TEXT;",
        ]
        return SQLiteSchema(name: "raw", migrations: Array(all.prefix(version)))
    }

    @Test("runs each missing step once, in order, from whatever release the file is", arguments: 0...3)
    func steps(from release: Int) throws {
        if release > 0 { try migrate(Self.release(release)) }
        try migrate(Self.release(3))
        try migrate(Self.release(3))
        #expect(try value("SELECT group_concat(step) FROM raw.steps") == "1,2,3")
        #expect(try value("PRAGMA raw.user_version") == "3")
    }

    @Test("is undone as a whole when a step fails, and can be tried again")
    func failure() throws {
        try migrate(Self.release(1))
        let broken = SQLiteSchema(
            name: "raw", migrations: Self.release(2).migrations + ["INSERT INTO raw.steps VALUES (1)"])
        #expect(throws: SQLiteError.self) { try migrate(broken) }
        #expect(try value("PRAGMA raw.user_version") == "1")
        #expect(try value("SELECT group_concat(step) FROM raw.steps") == "1")
        #expect(try value("SELECT count(*) FROM raw.sqlite_schema WHERE name = 'second'") == "0")
        try migrate(Self.release(3))
        #expect(try value("SELECT group_concat(step) FROM raw.steps") == "1,2,3")
    }

    @Test("happens once when several come at the same time", arguments: 1...8)
    func concurrent(round: Int) throws {
        if round % 2 == 0 { try migrate(Self.release(1)) }
        let failures = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            do {
                try migrate(Self.release(3))
            } catch {
                failures.withLock { $0.append("\(error)") }
            }
        }
        #expect(failures.withLock { $0 } == [])
        #expect(try value("SELECT group_concat(step) FROM raw.steps") == "1,2,3")
    }

    @Test("never takes a file back that a newer release migrated meanwhile", arguments: 1...4)
    func newerMeanwhile(round: Int) throws {
        try migrate(Self.release(1))
        let newer = try connect()
        let isMigrating = DispatchSemaphore(value: 0)
        let older = SerialWorker(label: "test.older", state: ())
        var pending: Pending<Void>?
        try newer.transaction {
            pending = older.submit { _ in
                isMigrating.signal()
                try migrate(Self.release(2))
            }
            // It reads the old version, or waits for the lock already: both must end the same.
            isMigrating.wait()
            try newer.execute("PRAGMA raw.user_version = 9")
        }
        let error = try #require(throws: WarehouseError.self) { try pending?.wait() }
        #expect(error.code == .newerSchema)
        #expect(try value("PRAGMA raw.user_version") == "9")
        #expect(try value("SELECT group_concat(step) FROM raw.steps") == "1")
    }

    @Test("waits for another process that is making the same file")
    func waits() throws {
        let other = try connect()
        let isMigrating = DispatchSemaphore(value: 0)
        let second = SerialWorker(label: "test.second", state: ())
        var pending: Pending<Void>?
        try other.transaction {
            pending = second.submit { _ in
                isMigrating.signal()
                try migrate(Self.release(3))
            }
            isMigrating.wait()
            // Long enough, mostly, for the second one to meet the lock; if it does not, it must end the same.
            try other.execute(
                """
                WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 500000)
                SELECT sum(n) FROM number
                """)
        }
        try pending?.wait()
        #expect(try value("SELECT group_concat(step) FROM raw.steps") == "1,2,3")
    }

    // Catches a warehouse of the first release that loses its rejects, or whose list stumbles over what it did not note.
    @Test("of a file of the first release keeps its rejects, which can be listed")
    func firstRelease() throws {
        do {
            let database = try Database()
            try database.attach(directory.file("ods.db"), as: "ods", access: .create)
            try SQLiteSchema(name: "ods", migrations: [SQLiteSchema.ods.migrations[0]])
                .migrate(database, directory: directory.path)
            try database.execute(
                """
                INSERT INTO ods.sales_rejects VALUES (3, 77, 9, 5, 'open',
                    '[{"code":"missing","field":"items","message":"is missing"}]', x'7B', 'old', '2020-01-01');
                INSERT INTO ods.sales_reject_positions VALUES (1, 0, 4, 3, 5, NULL);
                """)
        }
        let warehouse = try SQLiteWarehouse(directory: directory.path, clock: { 0 })
        let overview = try SQLiteRejectStore(warehouse).overview(RejectFilter(states: [.open]), groupsMax: 5)
        #expect(overview.rejects == [.open: 1])
        #expect(
            overview.groups == [
                RejectOverview.Group(
                    field: "items", code: "missing", rejects: 1, records: 1, triedInVain: 0, firstSeen: "2020-01-01",
                    lastSeen: "2020-01-01",
                    example: RejectOverview.Example(topic: nil, log: 1, partition: 0, offset: 4, saleID: 9))
            ])
    }

    // Catches a ledger that knows nothing of what an older release has ingested.
    @Test("finds where the hours of records lie that are there already")
    func hours() throws {
        let drafts = (0..<50).map { number -> RecordDraft in
            let (partition, offset) = (Int32(number % 3), Int64(number * 7 % 50))
            return RecordDraft(
                SaleDraft(id: 1), version: Int64(number % 4) * RecordHour.microseconds, partition: partition,
                offset: offset)
        }
        func ranges() throws -> String? {
            try value(
                """
                SELECT group_concat(log || ' ' || partition || ' ' || hour || ' ' || first_offset || ' ' || last_offset)
                FROM (SELECT * FROM raw.hours ORDER BY log, partition, hour)
                """)
        }
        try SQLiteSalesWriter(SQLiteWarehouseUnderTest(in: directory).warehouse, codeVersion: "1").ingest(drafts)
        let written = try ranges()
        #expect(written?.split(separator: ",").count == 12)
        try connect().execute(
            """
            DROP TABLE raw.hours; DROP TABLE raw.accepted_snapshots; ALTER TABLE raw.snapshots DROP COLUMN objection;
            PRAGMA raw.user_version = 1
            """)
        _ = try SQLiteWarehouseUnderTest(in: directory)
        #expect(try ranges() == written)
    }

    private func connect() throws -> Database {
        let database = try Database()
        try database.attach(directory.file("raw.db"), as: "raw", access: .create)
        return database
    }

    private func migrate(_ schema: SQLiteSchema) throws {
        try schema.migrate(connect(), directory: directory.path)
    }

    private func value(_ sql: String) throws -> String? { try connect().text(sql) }
}
