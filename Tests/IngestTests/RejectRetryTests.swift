@testable import Ingest
import Retail
import Testing
import Warehouse
import WarehouseTestKit

/// Rejects judged again by other code: by another zone, in which the last hours of the year 9999 are in the calendar.
@Suite("A retry of rejects")
struct RejectRetryTests {
    private static func zone(refusing: Bool) throws -> RetailTimeZone {
        try #require(RetailTimeZone(identifier: refusing ? "Etc/GMT-1" : "Etc/GMT+1"))
    }

    /// A sale that only the zone decides about.
    private static func doubtful(_ id: Int, quantity: String = "1") -> String {
        "{\"id\": \(id), \"datetime\": \"9999-12-31T23:30:00Z\", \"items\": [{\"product_sku\": \"A\", "
            + "\"quantity\": \(quantity), \"amount\": 1}]}"
    }

    /// Ten sales that only the zone decides about, 5 that are wrong whatever it is, one content in three records.
    private static let drafts: [RecordDraft] =
        (0..<10).map { RecordDraft(doubtful($0 + 1), version: 10, offset: Int64($0)) }
        + (10..<15).map { RecordDraft(doubtful($0 + 1, quantity: "1.5"), version: 10, offset: Int64($0)) }
        + [(15, 3), (16, 9), (17, 6)].map { RecordDraft(doubtful(100), version: Int64($1), offset: Int64($0)) }

    private func filled(_ engine: WarehouseEngine) throws -> any WarehouseUnderTest {
        let warehouse = try engine.make()
        let writer = try warehouse.salesWriter(codeVersion: "old")
        try writer.ingest(Self.drafts, timeZone: Self.zone(refusing: true))
        return warehouse
    }

    private func retry(
        _ warehouse: any WarehouseUnderTest, refusing: Bool = false, recordsMax: Int = 5_000, isDry: Bool = false,
        now: Int64 = 1_800_000_000_000_000, stop: StopSignal = StopSignal()
    ) throws -> RejectRetryReport {
        try RejectRetry(warehouse.rejectStore(), timeZone: Self.zone(refusing: refusing), recordsMax: recordsMax)
            .run(into: isDry ? nil : try warehouse.salesWriter(codeVersion: "new"), now: now, stop: stop)
    }

    // Catches a record that is in ods and in the rejects, or in neither; an offset that moved; a retry that leaves
    // something else behind than reading the topic again does.
    @Test(
        "moves what is valid now, and leaves the warehouse as reading the topic again does",
        arguments: WarehouseEngine.all, [1, 4, 5_000])
    func moves(engine: WarehouseEngine, recordsMax: Int) throws {
        let warehouse = try filled(engine)
        let offsets = try warehouse.dump(["raw", "ods"]).filter { $0.key.hasSuffix("offsets") || $0.key == "raw.sales" }
        let report = try retry(warehouse, recordsMax: recordsMax)
        #expect(report.rejects == 16)
        #expect(report.records == 18)
        #expect(report.passed == 11)
        #expect(report.refused == 5)
        #expect(report.summary.description == "items[].quantity not_an_integer ×5")
        #expect(report.counts.ods.inserted == 11)
        #expect(report.counts.ods.recovered == 13)
        #expect(report.goneRecords == 0)
        #expect(report.examples.map(\.saleID) == Array(1...10))
        #expect(try warehouse.number("SELECT count(*) FROM ods.sales") == 11)
        #expect(try warehouse.rows("SELECT version, \"offset\" FROM ods.sales WHERE id = 100") == [["9", "16"]])
        #expect(try warehouse.number("SELECT count(*) FROM ods.sales_rejects") == 5)
        #expect(try warehouse.number("SELECT count(*) FROM ods.sales_reject_positions") == 5)
        for (table, rows) in offsets { #expect(try warehouse.dump(["raw", "ods"])[table] == rows, "\(table)") }

        let replayed = try filled(engine)
        try replayed.salesWriter(codeVersion: "new").ingest(Self.drafts, timeZone: Self.zone(refusing: false))
        let columns = "id, datetime, version, revision, content_hash, log, partition, \"offset\", SYS_FILE_NAME"
        for sql in [
            "SELECT \(columns) FROM ods.sales ORDER BY id", "SELECT * FROM ods.sales_items ORDER BY sale_id, line",
            "SELECT content_hash, sale_id, version, state, reasons, code_version FROM ods.sales_rejects ORDER BY sale_id",
        ] {
            #expect(try warehouse.rows(sql) == replayed.rows(sql))
        }
    }

    // Catches a retry that goes round for ever, a try that is counted by record, and one that is not noted.
    @Test(
        "counts what is refused again, once a retry, and with the program that refused it",
        arguments: WarehouseEngine.all)
    func refusedAgain(engine: WarehouseEngine) throws {
        let warehouse = try filled(engine)
        let sql = "SELECT sale_id, tries, last_tried, tried_version FROM ods.sales_rejects ORDER BY sale_id"
        #expect(try warehouse.rows(sql).allSatisfy { $0[1] == "0" && $0[2] == nil && $0[3] == nil })
        for (tries, now) in [(1, Int64(1_800_000_000_000_000)), (2, 1_800_000_001_000_000)] {
            let report = try retry(warehouse, refusing: true, recordsMax: 2, now: now)
            #expect(report.refused == 16)
            #expect(report.passed == 0)
            let rows = try warehouse.rows(sql)
            #expect(rows.count == 16)
            for row in rows {
                #expect(row[1] == String(tries), "sale \(row[0] ?? "-")")
                #expect(row[2] == (tries == 1 ? "2027-01-15T08:00:00.000Z" : "2027-01-15T08:00:01.000Z"))
                #expect(row[3] == "new")
            }
        }
        // The list says so, and reading the topic again does not count.
        try warehouse.salesWriter().ingest(Self.drafts, timeZone: Self.zone(refusing: true))
        let overview = try warehouse.rejectStore().overview(RejectFilter(states: [.open]), groupsMax: 1)
        #expect(overview.groups[0].triedInVain == overview.groups[0].rejects)
        #expect(try warehouse.number("SELECT max(tries) FROM ods.sales_rejects") == 2)
    }

    @Test("that is dry tells the same and changes nothing", arguments: WarehouseEngine.all)
    func dry(engine: WarehouseEngine) throws {
        let warehouse = try filled(engine)
        let before = try warehouse.dump(["raw", "ods", "ops"])
        // It needs no lock: ingestion goes on beside it.
        let writer = try warehouse.salesWriter()
        let dry = try retry(warehouse, isDry: true)
        #expect(try warehouse.dump(["raw", "ods", "ops"]) == before)
        withExtendedLifetime(writer) {}
        #expect(dry.passed == 11)
        #expect(dry.refused == 5)
        #expect(dry.counts == WriteCounts())
        #expect(dry.examples.count == 10)
    }

    // Catches an older record that replaces a newer sale because it was judged later.
    @Test("keeps the order of versions: the highest valid record decides", arguments: WarehouseEngine.all)
    func versions(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        do {
            let writer = try warehouse.salesWriter()
            try writer.ingest([SaleDraft(id: 1), SaleDraft(id: 2)], version: 5)
            try writer.ingest(
                [
                    RecordDraft(Self.doubtful(1), version: 4, offset: 2),
                    RecordDraft(Self.doubtful(2), version: 6, offset: 3),
                ], timeZone: Self.zone(refusing: true))
        }
        #expect(
            try warehouse.column("SELECT state FROM ods.sales_rejects ORDER BY sale_id")
                == ["superseded", "pending_correction"])
        func again() throws -> RejectRetryReport {
            try RejectRetry(warehouse.rejectStore(), timeZone: Self.zone(refusing: false))
                .run(into: try warehouse.salesWriter(), now: 1)
        }
        let report = try again()
        #expect(report.passed == 2)
        #expect(report.counts.ods.outdated == 1)
        #expect(report.counts.ods.changed == 1)
        #expect(
            try warehouse.rows("SELECT version, revision FROM ods.sales ORDER BY id") == [["5", "1"], ["6", "2"]])
        #expect(try warehouse.number("SELECT count(*) FROM ods.sales_rejects") == 0)
        #expect(try again() == RejectRetryReport())
    }

    // Catches records that raw has lost and that a retry counts as passed, drops, or stumbles over.
    @Test("tells which records raw no longer has, and leaves their rejects", arguments: WarehouseEngine.all)
    func gone(engine: WarehouseEngine) throws {
        let warehouse = try filled(engine)
        try warehouse.execute("DELETE FROM raw.sales WHERE \"offset\" IN (0, 1, 15)")
        for recordsMax in [1, 2, 5_000] {
            let report = try retry(warehouse, recordsMax: recordsMax, isDry: true)
            #expect(report.rejects == 16)
            #expect(report.goneRecords == 3)
            #expect(report.goneRejects == 2, "\(recordsMax)")
            #expect(report.firstGone?.offset == 0)
            #expect(report.passed == 9)
        }
        _ = try retry(warehouse)
        #expect(
            try warehouse.column("SELECT sale_id FROM ods.sales_rejects WHERE sale_id < 11 ORDER BY 1") == ["1", "2"])
        #expect(try warehouse.column("SELECT \"offset\" FROM ods.sales_reject_positions WHERE version = 3") == ["15"])
        #expect(try warehouse.number("SELECT count(*) FROM raw.sales") == 15)
    }

    // Catches a failure that leaves a record in both places or in none, or that keeps the next retry from its work.
    @Test("that fails in the middle is run again and ends the same", arguments: WarehouseEngine.all)
    func failure(engine: WarehouseEngine) throws {
        let warehouse = try filled(engine)
        try warehouse.failingWrites(to: "ods.sales_items") {
            #expect(throws: WarehouseError.self) { try retry(warehouse, recordsMax: 4) }
        }
        #expect(try warehouse.number("SELECT count(*) FROM ods.sales") == 0)
        #expect(try warehouse.number("SELECT count(*) FROM ods.sales_rejects") == 16)
        let stopped = StopSignal()
        stopped.stop()
        #expect(throws: CancellationError.self) { try retry(warehouse, stop: stopped) }
        #expect(try retry(warehouse).passed == 11)
        #expect(try warehouse.number("SELECT count(*) FROM ods.sales") == 11)
    }
}
