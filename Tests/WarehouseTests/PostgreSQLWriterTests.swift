import Foundation
import PostgreSQL
import PostgreSQLTestKit
import Retail
import RetailTestKit
import Testing
import Warehouse
import WarehouseTestKit

@Suite("Writers of one PostgreSQL warehouse", .timeLimit(.minutes(3)))
struct PostgreSQLWriterTests {
    @Test("at the same time end in what one alone would have written", arguments: [UInt64(11), 12, 13, 14])
    func together(seed: UInt64) async throws {
        let warehouse = try PostgreSQLWarehouseUnderTest()
        let alone = try PostgreSQLWarehouseUnderTest()
        let drafts = Self.drafts(seed)
        // The same sales come through all three partitions, as after a topic was given more of them.
        try await withThrowingTaskGroup { group in
            for partition in Int32(0)..<3 {
                group.addTask {
                    try await OwnThread.run {
                        let writer = try warehouse.salesWriter()
                        var rest = drafts.filter { $0.partition == partition }[...]
                        while !rest.isEmpty {
                            try writer.ingest(Array(rest.prefix(40)))
                            rest = rest.dropFirst(40)
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        try alone.salesWriter().ingest(drafts)
        let sql = "SELECT id, version, partition, \"offset\", content_hash FROM ods.sales ORDER BY id"
        #expect(try warehouse.rows(sql) == alone.rows(sql), "seed \(seed)")
        let rejects = "SELECT content_hash, sale_id, version, state FROM ods.sales_rejects ORDER BY content_hash"
        #expect(try warehouse.rows(rejects) == alone.rows(rejects), "seed \(seed)")
        let lines = "SELECT sale_id, line, product_sku, amount FROM ods.sales_items ORDER BY sale_id, line"
        #expect(try warehouse.rows(lines) == alone.rows(lines), "seed \(seed)")
        #expect(try warehouse.number("SELECT count(*) FROM raw.sales") == Int64(drafts.count))
    }

    /// Records of few sales in three partitions, a tenth of them refused, versions apart.
    private static func drafts(_ seed: UInt64) -> [RecordDraft] {
        var generator = SeededGenerator(seed: seed)
        return (0..<600).map { number in
            let id = Int64.random(in: 1...60, using: &generator)
            let (partition, offset, version) = (Int32(number % 3), Int64(number / 3), Int64(number))
            if Int.random(in: 0..<10, using: &generator) == 0 {
                return RecordDraft(
                    "{\"id\": \(id), \"broken\": \(number % 5)}", version: version, partition: partition, offset: offset
                )
            }
            let sale = SaleDraft(id: id, lines: [.init("s\(number % 4)", 1, Int64(number % 7))])
            return RecordDraft(sale, version: version, partition: partition, offset: offset)
        }
    }

    // Catches a refusal that is judged without the valid row that another writer is about to commit.
    @Test(
        "judge a refusal behind the valid record that another one has in hand, and the other way round",
        arguments: [true, false])
    func verdictOfTwo(validFirst: Bool) throws {
        let warehouse = try PostgreSQLWarehouseUnderTest()
        let (first, second) = (try warehouse.salesWriter(), try warehouse.salesWriter())
        let valid = RecordDraft(SaleDraft(id: 1), version: 2, offset: 0)
        let refused = RecordDraft("{\"id\": 1}", version: 3, partition: 1, offset: 0)
        // The first one gets as far as its last statements.
        let gate = try warehouse.connect()
        try gate.execute("BEGIN; LOCK TABLE raw.hours IN SHARE MODE")
        let held = first.write(.of([validFirst ? valid : refused]))
        let watcher = try warehouse.connect()
        while try watcher.texts("SELECT 1 FROM pg_locks WHERE relation = 'raw.hours'::regclass AND NOT granted").isEmpty
        {}
        let other = second.writeOds(.of([validFirst ? refused : valid]))
        #expect(other.wait(milliseconds: 300) == nil)
        try gate.execute("COMMIT")
        _ = try held.wait()
        _ = try other.wait()
        #expect(try warehouse.column("SELECT state FROM ods.sales_rejects") == ["pending_correction"])
    }

    // Catches a file name of another producer that stops the stream.
    @Test("take file names of any bytes")
    func fileNames() throws {
        let warehouse = try PostgreSQLWarehouseUnderTest()
        let names = ["ü\u{0}x", "", "plain"]
        let drafts = names.enumerated().map { number, name in
            RecordDraft(
                bytes: Array((number == 2 ? "{" : SaleDraft(id: Int64(number + 1)).text).utf8), version: 1,
                offset: Int64(number), fileName: name)
        }
        try warehouse.salesWriter().ingest(drafts)
        #expect(
            try warehouse.column("SELECT SYS_FILE_NAME FROM raw.sales ORDER BY \"offset\"")
                == ["ü\u{FFFD}x", "", "plain"])
        #expect(try warehouse.column("SELECT SYS_FILE_NAME FROM ods.sales ORDER BY id") == ["ü\u{FFFD}x", ""])
    }

    // Catches a batch that is half there after a crash, and positions ahead of what is there.
    @Test("whose server crashes say so, and go on behind it from where the warehouse is")
    func crash() async throws {
        try await OwnThread.run {
            let server = try PostgreSQLServer(settings: ["fsync": "on"])
            let clock = TestClock()
            let warehouse = try PostgreSQLWarehouse(url: server.url(), clock: clock.wallClock)
            let writer = try PostgreSQLSalesWriter(warehouse, codeVersion: "1")
            try writer.ingest((1...500).map { SaleDraft(id: $0) })
            try server.kill()
            let error = try #require(throws: WarehouseError.self) {
                try writer.ingest([SaleDraft(id: 501)], firstOffset: 500)
            }
            #expect(error.code == .unreachable)
            #expect(error.isOutage)
            #expect(throws: WarehouseError.self) { try writer.reopen() }
            try server.start()
            // Another port; a service would be found under its old one.
            let again = try PostgreSQLWarehouse(url: server.url(), clock: clock.wallClock)
            let next = try PostgreSQLSalesWriter(again, codeVersion: "1")
            let stored = try next.storedPositions(log: 1)[0] ?? StoredPosition()
            #expect(stored.raw == stored.ods)
            let from = Int(stored.raw ?? 0)
            try next.ingest(((from + 1)...501).map { SaleDraft(id: Int64($0)) }, firstOffset: Int64(from))
            let counts = try Connection(ConnectionParameters(url: server.url())).texts(
                "SELECT (SELECT count(*) FROM raw.sales), (SELECT count(*) FROM ods.sales)")
            #expect(counts == [["501", "501"]])
            try server.stop()
        }
    }

    @Test("whose connection is cut write on once they are reopened")
    func cut() throws {
        let warehouse = try PostgreSQLWarehouseUnderTest()
        let writer = try warehouse.salesWriter()
        try writer.ingest([SaleDraft(id: 1)])
        try warehouse.execute(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()
            """)
        let error = try #require(throws: WarehouseError.self) { try writer.ingest([SaleDraft(id: 2)], firstOffset: 1) }
        #expect(error.code == .unreachable)
        try writer.reopen()
        try writer.ingest([SaleDraft(id: 2)], firstOffset: 1)
        #expect(try warehouse.number("SELECT count(*) FROM ods.sales") == 2)
        // Others notice nothing: a connection that was cut while nobody used it is not used again.
        #expect(try warehouse.knownSales().saleIDs(in: 1...9) == [1, 2])
    }

    // Catches a wait for another writer's row that an interrupt does not end.
    @Test("do not wait on for another one's row when they are interrupted")
    func waiting() throws {
        let warehouse = try PostgreSQLWarehouseUnderTest()
        let writer = try warehouse.salesWriter()
        try writer.ingest([SaleDraft(id: 1)])
        let other = try warehouse.connect()
        try other.execute("BEGIN; SELECT * FROM ods.sales FOR UPDATE")
        let write = writer.write(.of([RecordDraft(SaleDraft(id: 1, customer: "x"), version: 2, offset: 1)]))
        #expect(write.wait(milliseconds: 200) == nil)
        writer.interrupt()
        let result = try #require(write.wait(milliseconds: 10_000))
        let error = #expect(throws: WarehouseError.self) { try result.get() }
        #expect(error?.code == .interrupted)
        try other.execute("ROLLBACK")
        try writer.ingest([RecordDraft(SaleDraft(id: 1, customer: "x"), version: 2, offset: 1)])
        #expect(try warehouse.value("SELECT revision FROM ods.sales") == "2")
    }
}
