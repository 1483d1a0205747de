@testable import Retail
import RetailTestKit
import Testing
import Warehouse
import WarehouseTestKit

@Suite("A sale that other code refuses")
struct WithdrawalTests {
    private static let drafts = [
        RecordDraft(SaleDraft(id: 1), version: 5, offset: 0), RecordDraft(SaleDraft(id: 2), version: 5, offset: 1),
        RecordDraft(SaleDraft(id: 3), version: 5, partition: 2, offset: 0),
    ]

    /// The same records as judged by code that refuses each of them.
    private static func refused(_ drafts: [RecordDraft], saleID: (Int64) -> Int64?) -> IngestBatch {
        let judged = IngestBatch.of(drafts)
        var sales = SaleBatch()
        sales.jsonRecords = judged.sales.jsonRecords
        sales.refusals = judged.sales.rows.map { row in
            SaleBatch.Refusal(
                record: row.record, saleID: saleID(row.id),
                reasons: [ValidationReason(field: "id", code: .outOfRange, message: "is too small")],
                contentHash: row.contentHash)
        }
        return IngestBatch(
            records: judged.records, owner: judged, log: judged.log, topic: judged.topic, sales: sales,
            nextOffsets: judged.nextOffsets)
    }

    // Catches a row that stays in ods beside its reject because the record no longer tells its sale.
    // Seen red with the mechanism taken out: scripts/mutations --only withdrawal
    @Test(
        "leaves ods when its record is read again, whether it still names the sale or not",
        arguments: WarehouseEngine.ingesting, [true, false])
    func leaves(engine: WarehouseEngine, namesSale: Bool) throws {
        let warehouse = try engine.make()
        let writer = try warehouse.salesWriter()
        try writer.ingest(Self.drafts)
        // Only two of the three are read again.
        let again = Self.refused(Array(Self.drafts.dropFirst())) { namesSale ? $0 : nil }
        let counts = try writer.write(again).wait().ods
        #expect(counts.withdrawn == 2)
        #expect(counts.newRejects == 2)
        #expect(try warehouse.column("SELECT id FROM ods.sales") == ["1"])
        #expect(try warehouse.column("SELECT sale_id FROM ods.sales_items") == ["1"])
        #expect(try warehouse.column("SELECT state FROM ods.sales_rejects") == ["open", "open"])
        // Once more changes nothing.
        let before = try warehouse.dump(["raw", "ods"])
        #expect(try writer.write(again).wait().ods.withdrawn == 0)
        #expect(try warehouse.dump(["raw", "ods"]) == before)
    }

    // Catches a row that returns under a revision that another content of it had: a mart built from that one would not
    // see the difference.
    @Test("returns with a revision that it never had", arguments: WarehouseEngine.ingesting, [true, false])
    func returns(engine: WarehouseEngine, restarts: Bool) throws {
        let warehouse = try engine.make()
        var writer: (any SalesWriter)? = try warehouse.salesWriter()
        func reopen() throws {
            guard restarts else { return }
            writer = nil
            writer = try warehouse.salesWriter()
        }
        try writer?.ingest(Self.drafts)
        for revision in 2...4 {
            _ = try writer?.write(Self.refused(Self.drafts) { $0 }).wait()
            #expect(try warehouse.number("SELECT count(*) FROM ods.sales") == 0)
            try reopen()
            let counts = try #require(try writer?.ingest(Self.drafts).ods)
            #expect(counts.recovered == 3)
            #expect(
                try warehouse.column("SELECT revision FROM ods.sales")
                    == Array(repeating: String(revision), count: 3))
            try reopen()
        }
        // Another record of the sale may bring it back as well.
        _ = try writer?.write(Self.refused(Array(Self.drafts.prefix(1))) { $0 }).wait()
        try writer?.ingest([RecordDraft(SaleDraft(id: 1, customer: "x"), version: 6, offset: 5)])
        #expect(try warehouse.value("SELECT revision FROM ods.sales WHERE id = 1") == "5")
        #expect(try warehouse.number("SELECT count(*) FROM ods.withdrawn_sales WHERE revision > 0") == 0)
        #expect(try warehouse.column("SELECT state FROM ods.sales_rejects") == ["superseded"])
    }

    // Catches a sale that is looked for in raw again and again, and one whose newer content nobody looks for because an
    // older record of it came first.
    @Test(
        "is looked for in raw once, also when it returns before that", arguments: WarehouseEngine.ingesting,
        [true, false])
    func search(engine: WarehouseEngine, returnsFirst: Bool) throws {
        let warehouse = try engine.make()
        let writer = try warehouse.salesWriter()
        let drafts = Array(Self.drafts.prefix(1))
        func noted() throws -> [[String?]] {
            try warehouse.rows("SELECT sale_id, revision FROM ods.withdrawn_sales")
        }
        try writer.ingest(drafts)
        for revision in 2...3 {
            _ = try writer.write(Self.refused(drafts) { $0 }).wait()
            #expect(try noted() == [["1", String(revision - 1)]])
            if returnsFirst {
                try writer.ingest(drafts)
                #expect(try noted() == [["1", "0"]])
                #expect(try writer.withdrawnSales() == [1])
                try writer.noteSearched([1])
            } else {
                #expect(try writer.withdrawnSales() == [1])
                try writer.noteSearched([1])
                #expect(try noted() == [["1", String(revision - 1)]])
                #expect(try writer.withdrawnSales() == [])
                try writer.ingest(drafts)
            }
            #expect(try noted() == [])
            #expect(try warehouse.column("SELECT revision FROM ods.sales") == [String(revision)])
        }
    }

    @Test(
        "whose reject no longer tells the sale is open, and the sale's other rejects follow",
        arguments: WarehouseEngine.ingesting)
    func losesSale(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let writer = try warehouse.salesWriter()
        let older = RecordDraft(SaleDraft(id: 1, customer: "older"), version: 2, offset: 0)
        let newer = RecordDraft(SaleDraft(id: 1, customer: "newer"), version: 3, offset: 1)
        _ = try writer.write(Self.refused([older, newer]) { $0 }).wait()
        #expect(
            try warehouse.column("SELECT state FROM ods.sales_rejects ORDER BY version") == ["superseded", "open"])
        var batch = Self.refused([newer]) { _ in nil }
        var sales = batch.sales
        sales.refusals[0].reasons = [ValidationReason(field: "id", code: .missing, message: "is missing")]
        batch = IngestBatch(
            records: batch.records, owner: batch, log: batch.log, topic: batch.topic, sales: sales, nextOffsets: [:])
        _ = try writer.write(batch).wait()
        #expect(try warehouse.column("SELECT state FROM ods.sales_rejects ORDER BY version") == ["open", "open"])
    }
}
