@testable import Ingest
import Retail
import Synchronization
import Telemetry
import Testing
@testable import Warehouse
import WarehouseTestKit

/// Reading raw again, into every engine.
@Suite(.timeLimit(.minutes(1)))
struct RawReplayTests {
    /// Two logs; sales that changed, a refused one, one that came twice, and markers behind the last record.
    private static func filled(_ engine: WarehouseEngine) throws -> any WarehouseUnderTest {
        let warehouse = try engine.make()
        let ledger = try warehouse.logLedger(ephemeralClusterPrefix: "embedded-")
        let writer = try warehouse.salesWriter()
        for log in Int64(1)...2 {
            _ = try ledger.log(ofTopic: IngestBatch.testTopic, cluster: "cluster-1", startNew: log == 2)
            for partition in Int32(0)...1 {
                var drafts = (Int64(0)..<25).map { offset in
                    RecordDraft(
                        SaleDraft(id: 1 + offset * 2 + Int64(partition), customer: "C\(log)"), version: log * 10,
                        partition: partition, offset: offset)
                }
                drafts.append(RecordDraft("{\"id\": 900}", version: log, partition: partition, offset: 26))
                try writer.ingest(drafts, log: log, nextOffsets: [partition: 30])
            }
        }
        return warehouse
    }

    /// What a new ods must come to again: all but times, revisions (how often a row was seen to change) and numbers of
    /// rejects.
    private static func content(_ warehouse: any WarehouseUnderTest) throws -> [[[String?]]] {
        try [
            "SELECT id, datetime, instant, customer_id, version, content_hash, log, \"partition\", \"offset\", SYS_FILE_NAME FROM ods.sales ORDER BY id",
            "SELECT * FROM ods.sales_items ORDER BY sale_id, line",
            "SELECT content_hash, sale_id, version, state, reasons FROM ods.sales_rejects ORDER BY content_hash",
            "SELECT log, \"partition\", \"offset\", version FROM ods.sales_reject_positions ORDER BY 1, 2, 3",
            "SELECT log, topic, \"partition\", next_offset, highest_sale_id FROM ods.offsets ORDER BY 1, 3",
        ].map { try warehouse.rows($0) }
    }

    private static func replay(
        _ warehouse: any WarehouseUnderTest, _ writer: any SalesWriter, _ target: ReplayTarget = .earliest,
        stop: StopSignal = StopSignal(), onBatch: @escaping @Sendable (BatchReport) -> Void = { _ in }
    ) throws -> IngestReport {
        let plan = try RawReplayPlan(
            target, topic: IngestBatch.testTopic, partitions: try warehouse.replaySource().partitions())
        return try RawReplay(
            writer: writer, timeZone: .utc, batchRecords: 10, logger: .silent, stop: stop, onBatch: onBatch
        ).run(plan)
    }

    private static func emptyOds(_ warehouse: any WarehouseUnderTest) throws {
        for table in ["sales_items", "sales", "sales_reject_positions", "sales_rejects", "offsets", "ingest_state"] {
            try warehouse.execute("DELETE FROM ods.\(table)")
        }
    }

    @Test("Of unchanged records no row is changed, in raw or in ods", arguments: WarehouseEngine.all)
    func unchanged(engine: WarehouseEngine) throws {
        let warehouse = try Self.filled(engine)
        let before = try warehouse.dump(["raw", "ods"])
        let writer = try warehouse.salesWriter()
        let report = try Self.replay(warehouse, writer)
        #expect(report.records == 104 && report.reachedEnd)
        #expect(report.counts.ods.changed == 0 && report.counts.ods.inserted == 0)
        #expect(try warehouse.dump(["raw", "ods"]) == before)
    }

    // Catches an ods that comes back other than it was, or that stands elsewhere than raw.
    @Test("An ods that was lost comes back the same and stands where raw does", arguments: WarehouseEngine.all)
    func lost(engine: WarehouseEngine) throws {
        let warehouse = try Self.filled(engine)
        let before = try Self.content(warehouse)
        let raw = try warehouse.dump(["raw"])
        try Self.emptyOds(warehouse)
        let report = try Self.replay(warehouse, try warehouse.salesWriter())
        #expect(report.records == 104)
        #expect(try Self.content(warehouse) == before)
        #expect(try warehouse.dump(["raw"]) == raw)
    }

    // Catches a position that runs ahead of the rows, at every place where the program may end.
    @Test(
        "Ended behind any batch, ods claims no more than it has, and the next run brings the rest",
        arguments: WarehouseEngine.all)
    func ended(engine: WarehouseEngine) throws {
        let warehouse = try Self.filled(engine)
        let before = try Self.content(warehouse)
        for last in 1...10 {
            try Self.emptyOds(warehouse)
            // One writer at a time.
            do {
                let stop = StopSignal()
                let batches = Mutex(0)
                let report = try Self.replay(warehouse, try warehouse.salesWriter(), stop: stop) { _ in
                    let count = batches.withLock { count in
                        count += 1
                        return count
                    }
                    if count == last { stop.stop() }
                }
                #expect(!report.reachedEnd)
            }
            // Every record of raw below the position is in ods: as a sale, as a reject, or outdated by a later one.
            let ahead = try warehouse.number(
                """
                SELECT count(*) FROM raw.sales AS record JOIN ods.offsets AS place
                    ON place.log = record.log AND place."partition" = record."partition"
                WHERE record."offset" < place.next_offset
                AND NOT EXISTS (SELECT 1 FROM ods.sales_reject_positions AS reject WHERE reject.log = record.log
                    AND reject."partition" = record."partition" AND reject."offset" = record."offset")
                AND NOT EXISTS (SELECT 1 FROM ods.sales AS sale WHERE sale.version >= record.version
                    AND sale.id = 1 + record."offset" * 2 + record."partition")
                """)
            #expect(ahead == 0, "ended behind batch \(last)")
            let rest = try Self.replay(warehouse, try warehouse.salesWriter())
            #expect(rest.reachedEnd)
            #expect(try Self.content(warehouse) == before, "ended behind batch \(last)")
        }
    }

    // Catches an ods that was lost and, after a part of raw was read, says that it has all of it.
    @Test("A part of raw fills no gap before it", arguments: WarehouseEngine.all)
    func part(engine: WarehouseEngine) throws {
        let warehouse = try Self.filled(engine)
        try Self.emptyOds(warehouse)
        let writer = try warehouse.salesWriter()
        let report = try Self.replay(warehouse, writer, .offsets([0: 20]))
        #expect(report.records == 6)
        #expect(try warehouse.number("SELECT count(*) FROM ods.sales") == 5)
        #expect(try warehouse.number("SELECT count(*) FROM ods.offsets") == 0)
    }

    // Catches a guard that takes a replay of old rejects for a flood of new ones, and one that forgets what it has seen.
    @Test(
        "However many records are refused again, reading goes on, and the guard's memory stays",
        arguments: WarehouseEngine.all)
    func rejects(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let writer = try warehouse.salesWriter()
        try writer.ingest(
            (Int64(0)..<3_000).map { RecordDraft("{\"id\": \($0)}", version: 1, offset: $0) }, breakerState: "{}")
        try warehouse.execute("DELETE FROM ods.sales_reject_positions")
        try warehouse.execute("DELETE FROM ods.sales_rejects")
        #expect(try Self.replay(warehouse, writer).counts.ods.newRejects == 3_000)
        #expect(try writer.breakerState() == "{}")
    }
}
