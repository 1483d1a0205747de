import Retail
import Testing
import Warehouse
import WarehouseTestKit

@Suite("The trace of a sale")
struct SaleTraceTests {
    private static func warehouse(_ engine: WarehouseEngine) throws -> any WarehouseUnderTest {
        let warehouse = try engine.make()
        let store = try warehouse.catalogueStore()
        try store.refresh(.products([ProductDraft("A", "apple", 20_000), ProductDraft("B", "beer", 10_000)]))
        try store.refresh(.customers(["17850"]))
        return warehouse
    }

    // Catches a layer that is left out, and one that is told of another sale.
    @Test(
        "shows a sale's page, place, raw row, ods row and mart rows, orphans with their reason",
        arguments: WarehouseEngine.all)
    func allLayers(engine: WarehouseEngine) throws {
        let warehouse = try Self.warehouse(engine)
        let sale = SaleDraft(
            id: 7, lines: [.init("A", 2, 30_000), .init("Z", 1, 5_000), .init("A", 1, 10_000)])
        try warehouse.salesWriter().ingest([
            RecordDraft(SaleDraft(id: 6), version: 1, offset: 3),
            RecordDraft(sale, version: 1_500_000, partition: 2, offset: 4),
            RecordDraft(SaleDraft(id: 77), version: 1, offset: 5),
        ])
        _ = try warehouse.martStore().rebuild(allowMissingCustomer: false, progress: { _, _ in })
        let trace = try warehouse.saleTracer().trace(sale: 7)
        #expect(trace.isKnown)
        let record = try #require(trace.records.first)
        #expect(trace.records.count == 1)
        #expect(record.topic == IngestBatch.testTopic)
        #expect([Int64(record.partition), record.offset, record.version, record.log] == [2, 4, 1_500_000, 1])
        #expect(record.fileName == "sales_1.json")
        #expect(record.answered == "1970-01-01T00:00:01.500Z")
        #expect(record.raw?.bytes == Int64(sale.text.utf8.count))
        #expect(record.raw?.isJSON == true)
        #expect(record.raw?.published == "2010-11-17T13:20:00.004Z")
        let created = try warehouse.value("SELECT SYS_DATE_CREATE FROM raw.sales WHERE partition = 2")
        #expect(record.raw?.created == created)
        let stored = try #require(trace.stored)
        #expect(stored.revision == 1 && stored.customerID == "17850" && stored.datetime == "2010-12-01 08:04:00")
        #expect(stored.decidedBy == RecordPlace(version: 1_500_000, log: 1, partition: 2, offset: 4))
        #expect(trace.rejects.isEmpty)
        #expect(trace.lines.map(\.sku) == ["A", "Z"])
        #expect(trace.lines[0].stored?.quantity == 3 && trace.lines[0].stored?.amount == 40_000)
        #expect(trace.lines[0].mart?.description == "apple" && trace.lines[0].mart?.orphanReason == nil)
        #expect(trace.lines[0].mart?.sold == trace.lines[0].stored)
        #expect(trace.lines[1].mart?.orphanReason == "unknown_product")
        #expect(trace.lines[1].mart?.since == stored.created)
        #expect(trace.generation.number == 1 && trace.generation.revision == 1)
    }

    // Catches a search by the text of the id instead of by what the parser makes of it, and one that a bad row ends.
    @Test(
        "finds every record of the sale, however its id is written, among records that are no JSON at all",
        arguments: WarehouseEngine.ingesting)
    func everyRecord(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let tail = ", \"datetime\": \"2010-12-01T08:04:00\", \"items\": []}"
        try warehouse.salesWriter().ingest([
            RecordDraft("{\"id\": 1200" + tail, version: 9, offset: 0),
            RecordDraft("{\"id\": \"1200\"" + tail, version: 5, partition: 1, offset: 0),
            RecordDraft("{\"id\": 1.2e3" + tail, version: 7, offset: 1),
            RecordDraft("{\"id\": \"0001200\"}", version: 8, offset: 2),
            RecordDraft("{\"id\": 12001" + tail, version: 8, offset: 3),
            RecordDraft("{\"other\": 1200, \"id\": 3" + tail, version: 8, offset: 4),
            RecordDraft("not JSON: \"id\": 1200", version: 8, offset: 5),
            RecordDraft(bytes: nil, version: 8, offset: 6),
            RecordDraft(bytes: [], version: 8, offset: 7),
            RecordDraft(bytes: [0xFF, 0xFE, 0x00], version: 8, offset: 8),
            RecordDraft("{\"id\": 1200, \"id\": 1200" + tail, version: 8, offset: 9),
            RecordDraft(bytes: Array("{\"id\": 1200".utf8) + Array(tail.utf8), version: 8, offset: 10, fileName: nil),
        ])
        let trace = try warehouse.saleTracer().trace(sale: 1_200)
        #expect(
            trace.records.map { [Int64($0.partition), $0.offset] } == [[1, 0], [0, 1], [0, 2], [0, 10], [0, 0]])
        #expect(trace.records.map { $0.answered == nil } == [false, false, false, true, false])
        #expect(trace.stored?.decidedBy.offset == 0)
        #expect(trace.rejects.map(\.state) == [.superseded])
        #expect(trace.rejects.first?.places.map(\.offset) == [2])
    }

    @Test("shows why a sale was refused, and what became of the refusal", arguments: WarehouseEngine.ingesting)
    func refused(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let writer = try warehouse.salesWriter(codeVersion: "3.1")
        let bad = RecordDraft("{\"id\": 5, \"datetime\": \"1.1.2010\"}", version: 2, offset: 1)
        try writer.ingest([bad])
        var trace = try warehouse.saleTracer().trace(sale: 5)
        #expect(trace.isKnown && trace.stored == nil && trace.lines.isEmpty)
        let reject = try #require(trace.rejects.first)
        #expect(reject.state == .open)
        #expect(reject.reasons.map(\.field) == ["datetime", "items"])
        #expect(reject.reasons.allSatisfy { !$0.message.isEmpty })
        #expect(reject.codeVersion == "3.1")
        #expect(reject.places == [bad.place(log: 1)])
        try writer.ingest([RecordDraft(SaleDraft(id: 5), version: 1, offset: 2)])
        trace = try warehouse.saleTracer().trace(sale: 5)
        #expect(trace.rejects.map(\.state) == [.pendingCorrection])
        #expect(trace.stored != nil)
        #expect(trace.records.map(\.offset) == [2, 1])
    }

    // Catches a look into the slot that is not served, and a mart that hides behind a missing ods row.
    @Test("tells a mart that is behind ods, and one that is ahead of it", arguments: WarehouseEngine.all)
    func staleMart(engine: WarehouseEngine) throws {
        let warehouse = try Self.warehouse(engine)
        let writer = try warehouse.salesWriter()
        try writer.ingest([SaleDraft(id: 5, lines: [.init("A", 1, 1)])])
        #expect(try warehouse.saleTracer().trace(sale: 5).generation.revision == nil)
        for _ in 1...2 { _ = try warehouse.martStore().rebuild(allowMissingCustomer: false, progress: { _, _ in }) }
        try writer.ingest([SaleDraft(id: 5, lines: [.init("B", 1, 1)])], version: 2, firstOffset: 1)
        var trace = try warehouse.saleTracer().trace(sale: 5)
        #expect(trace.stored?.revision == 2 && trace.generation.revision == 1)
        #expect(trace.lines.map(\.sku) == ["A", "B"])
        #expect(trace.lines.map { $0.stored != nil } == [false, true])
        #expect(trace.lines.map { $0.mart != nil } == [true, false])
        try warehouse.execute("DELETE FROM ods.sales_items WHERE sale_id = 5")
        try warehouse.execute("DELETE FROM ods.sales WHERE id = 5")
        trace = try warehouse.saleTracer().trace(sale: 5)
        #expect(trace.stored == nil && trace.isKnown && trace.lines.map(\.sku) == ["A"])
    }

    @Test("names the record that decided a row also when raw has lost it", arguments: WarehouseEngine.ingesting)
    func lostRaw(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        try warehouse.salesWriter().ingest([SaleDraft(id: 5)], version: 3, firstOffset: 8)
        try warehouse.execute("DELETE FROM raw.sales")
        let trace = try warehouse.saleTracer().trace(sale: 5)
        #expect(trace.records.map(\.offset) == [8])
        #expect(trace.records.first?.topic == IngestBatch.testTopic)
        #expect(trace.records.first?.raw == nil)
    }

    @Test("of a sale that no layer knows is empty", arguments: WarehouseEngine.ingesting)
    func unknown(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        #expect(try !warehouse.saleTracer().trace(sale: 5).isKnown)
        try warehouse.salesWriter().ingest([SaleDraft(id: 4), SaleDraft(id: 50)])
        #expect(try !warehouse.saleTracer().trace(sale: 5).isKnown)
    }
}
