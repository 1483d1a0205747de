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

    // Catches a warehouse whose products are unknown to every sale until they change, or whose old sales get new prices.
    @Test("of a file without history makes the present rows its first versions")
    func history() throws {
        let before = 1_700_000_000_123_000  // 2023-11-14T22:13:20.123Z
        do {
            let database = try Database()
            try database.attach(directory.file("ods.db"), as: "ods", access: .create)
            try SQLiteSchema(name: "ods", migrations: Array(SQLiteSchema.ods.migrations.prefix(2)))
                .migrate(database, directory: directory.path)
            let (written, later) = ("'2023-11-14T22:13:20.123Z'", "'2023-11-14T22:13:21.123Z'")
            try database.execute(
                """
                INSERT INTO ods.products VALUES
                    ('A', 'a', 20000, 's', NULL, 1, 4, 'page', \(written), \(written), NULL),
                    ('B', 'b', 1, NULL, 5, 2, 3, 'page', \(written), \(written), \(later)),
                    ('C', 'c', 1, NULL, 9000000000000000, 2, 3, 'page', \(later), \(written), \(written));
                INSERT INTO ods.customers VALUES ('1', '[]', '[]', 3, 4, 'page', \(written), \(written), NULL),
                    ('2', '[]', '[]', 3, 4, 'page', \(written), \(written), \(later));
                INSERT INTO ods.catalogue_state VALUES ('products', 4), ('customers', 4);
                """)
        }
        let warehouse = try SQLiteWarehouseUnderTest(in: directory)
        let (start, end) = (String(Int64.min), String(Int64.max))
        let column = "product_sku, valid_from, valid_to, price_from, price_to, typeof(price_from), catalogue_version"
        #expect(
            try warehouse.rows("SELECT \(column) FROM ods.products_history ORDER BY 1") == [
                ["A", String(before), nil, start, end, "integer", "0"],
                ["B", "5", String(before + 1_000_000), start, end, "integer", "0"],
                ["C", String(before), String(before + 1), start, end, "integer", "0"],
            ])
        #expect(
            try warehouse.rows("SELECT customer_id, valid_from, valid_to FROM ods.customers_history ORDER BY 1") == [
                ["1", String(before), nil], ["2", String(before), String(before + 1_000_000)],
            ])
        #expect(try warehouse.number("SELECT version FROM ods.catalogue_version") == 0)
        // It goes on from there.
        let store = warehouse.catalogueStore(codeVersion: "1")
        for _ in 1...4 { _ = try store.keep(.customers([])) }
        try store.refresh(.products([ProductDraft("A", "a", 30_000)], answeredAt: Int64(before) + 9))
        #expect(
            try warehouse.rows("SELECT valid_to, price_to FROM ods.products_history WHERE product_sku = 'A'") == [
                [String(before + 9), String(before + 9)], [nil, end],
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
