import Retail
import Testing
import Warehouse
import WarehouseTestKit

@Suite("The warehouse's side of the balance")
struct BalanceStoreTests {
    private static let topic = BalancedTopic(topic: IngestBatch.testTopic, cluster: "here")
    private static let hour = RecordHour(number: 490_000)
    /// The first version of the hour.
    private static let start = hour.versions.lowerBound

    private static func warehouse(_ engine: WarehouseEngine) throws -> any WarehouseUnderTest {
        let warehouse = try engine.make()
        let ledger = try warehouse.logLedger(ephemeralClusterPrefix: "embedded-")
        #expect(try ledger.log(ofTopic: IngestBatch.testTopic, cluster: "here", startNew: false) == 1)
        return warehouse
    }

    private static func sale(_ id: Int64, _ version: Int64, partition: Int32 = 0, offset: Int64) -> RecordDraft {
        RecordDraft(SaleDraft(id: id), version: version, partition: partition, offset: offset)
    }

    // Catches a count by offsets, one that takes others' records for ours, and one by the hour of ingestion.
    @Test("counts the records of an hour that are really there, ours and others'", arguments: WarehouseEngine.ingesting)
    func counts(engine: WarehouseEngine) throws {
        let warehouse = try Self.warehouse(engine)
        let end = Self.hour.versions.upperBound
        try warehouse.salesWriter().ingest([
            Self.sale(1, Self.start - 1, offset: 0), Self.sale(2, Self.start, offset: 1), Self.sale(3, end, offset: 2),
            // A page of an earlier hour, published again later: it lies far from its neighbours.
            Self.sale(4, end - 1, offset: 9), Self.sale(5, Self.start + 7, partition: 3, offset: 4),
            Self.sale(2, Self.start + 8, partition: 3, offset: 5),
            RecordDraft("not JSON", version: Self.start + 9, partition: 3, offset: 6),
            RecordDraft("{\"id\": 6}", version: Self.start + 9, partition: 3, offset: 7),
            RecordDraft(
                bytes: Array(SaleDraft(id: 7).text.utf8), version: Self.start + 9, partition: 3, offset: 8,
                fileName: nil),
        ])
        let store = try warehouse.balanceStore()
        let holdings = try store.holdings(of: Self.hour, from: 0, topic: Self.topic)
        #expect(
            holdings
                == HourHoldings(records: 6, foreign: 1, sales: 5, stored: 4, refused: 1, missing: []))
        #expect(try store.holdings(of: Self.hour, from: Self.start + 8, topic: Self.topic).records == 4)
        #expect(try store.holdings(of: RecordHour(version: end), from: 0, topic: Self.topic).records == 1)
        #expect(try store.holdings(of: Self.hour, from: 0, topic: .init(topic: "other", cluster: "here")).records == 0)
        #expect(
            try store.holdings(of: Self.hour, from: 0, topic: .init(topic: Self.topic.topic, cluster: "there")).records
                == 0)
        let hours = try store.hours(of: Self.topic)
        #expect(hours.hours == [RecordHour(number: 489_999), Self.hour, RecordHour(number: 490_001)])
    }

    @Test("sees a raw row that is gone, and names the sales that ods has lost", arguments: WarehouseEngine.ingesting)
    func losses(engine: WarehouseEngine) throws {
        let warehouse = try Self.warehouse(engine)
        try warehouse.salesWriter().ingest((0..<30).map { Self.sale($0 + 100, Self.start, offset: $0) })
        try warehouse.execute("DELETE FROM raw.sales WHERE \"offset\" IN (0, 29)")
        try warehouse.execute("DELETE FROM ods.sales_items WHERE sale_id > 105")
        try warehouse.execute("DELETE FROM ods.sales WHERE id > 105")
        let holdings = try warehouse.balanceStore().holdings(of: Self.hour, from: 0, topic: Self.topic)
        #expect(holdings.records == 28)
        #expect(holdings.sales == 28 && holdings.stored == 5)
        #expect(holdings.missing == Array(106...125))
    }

    // Catches a superseded reject that stands for a sale that is gone.
    @Test("takes a reject for the sale only while it is not superseded", arguments: WarehouseEngine.ingesting)
    func superseded(engine: WarehouseEngine) throws {
        let warehouse = try Self.warehouse(engine)
        try warehouse.salesWriter().ingest([
            RecordDraft("{\"id\": 5}", version: Self.start, offset: 0), Self.sale(5, Self.start + 1, offset: 1),
        ])
        let store = try warehouse.balanceStore()
        #expect(try store.holdings(of: Self.hour, from: 0, topic: Self.topic).stored == 1)
        try warehouse.execute("DELETE FROM ods.sales_items")
        try warehouse.execute("DELETE FROM ods.sales")
        #expect(try store.holdings(of: Self.hour, from: 0, topic: Self.topic).missing == [5])
    }

    // Catches a replay that changes the ledger's ranges, and one that counts twice.
    @Test("counts the same after a replay", arguments: WarehouseEngine.ingesting)
    func replay(engine: WarehouseEngine) throws {
        let warehouse = try Self.warehouse(engine)
        let writer = try warehouse.salesWriter()
        let drafts = (0..<10).map { Self.sale($0 + 1, Self.start + $0, offset: $0) }
        for batch in [drafts.prefix(4), drafts[4..<7], drafts.suffix(3)] { try writer.ingest(Array(batch)) }
        let (holdings, dump) = (
            try warehouse.balanceStore().holdings(of: Self.hour, from: 0, topic: Self.topic),
            try warehouse.dump(["raw"])
        )
        #expect(holdings.records == 10)
        try writer.ingest(Array(drafts.suffix(4)))
        try writer.ingest(Array(drafts.prefix(3)))
        #expect(try warehouse.balanceStore().holdings(of: Self.hour, from: 0, topic: Self.topic) == holdings)
        #expect(try warehouse.dump(["raw"]) == dump)
    }

    @Test(
        "tells how far both layers have read, of this cluster's newest log only",
        arguments: WarehouseEngine.ingesting)
    func positions(engine: WarehouseEngine) throws {
        let warehouse = try Self.warehouse(engine)
        let store = try warehouse.balanceStore()
        #expect(try store.positions(of: Self.topic) == [:])
        try warehouse.salesWriter().ingest([Self.sale(1, 1, offset: 0)], nextOffsets: [0: 5, 1: 2])
        try warehouse.execute("UPDATE ods.offsets SET next_offset = 3 WHERE partition = 0")
        #expect(try store.positions(of: Self.topic) == [0: 3, 1: 2])
        try warehouse.execute("UPDATE raw.offsets SET next_offset = 1 WHERE partition = 0")
        #expect(try store.positions(of: Self.topic) == [0: 1, 1: 2])
        let ledger = try warehouse.logLedger(ephemeralClusterPrefix: "embedded-")
        _ = try ledger.log(ofTopic: IngestBatch.testTopic, cluster: "there", startNew: true)
        #expect(try store.positions(of: Self.topic) == [:])
    }

    @Test(
        "holds hours wholly from where reading began, not from a row that is gone",
        arguments: WarehouseEngine.ingesting)
    func wholeFrom(engine: WarehouseEngine) throws {
        let warehouse = try Self.warehouse(engine)
        let writer = try warehouse.salesWriter()
        let store = try warehouse.balanceStore()
        try writer.ingest([Self.sale(1, Self.start, offset: 0), Self.sale(2, Self.start, offset: 1)])
        try warehouse.execute("DELETE FROM raw.sales WHERE \"offset\" = 0")
        #expect(try store.hours(of: Self.topic).wholeFrom == RecordHour(number: 0))
        try writer.ingest([Self.sale(3, Self.start, partition: 1, offset: 7)])
        #expect(try store.hours(of: Self.topic).wholeFrom == RecordHour(number: 490_001))
    }

    @Test("explains what was accepted as lost by the hours around it", arguments: WarehouseEngine.ingesting)
    func acceptedLosses(engine: WarehouseEngine) throws {
        let warehouse = try Self.warehouse(engine)
        let (store, writer) = (try warehouse.balanceStore(), try warehouse.salesWriter())
        let ledger = try warehouse.logLedger(ephemeralClusterPrefix: "embedded-")
        func hour(_ number: Int64) -> RecordHour { RecordHour(number: number) }
        #expect(try store.acceptedLosses(of: Self.topic) == [])
        try writer.ingest([
            Self.sale(1, hour(10).versions.lowerBound, offset: 4),
            Self.sale(2, hour(12).versions.lowerBound, offset: 9),
        ])
        try ledger.acceptLoss(log: 1, partition: 0, offsets: 5..<9)
        try ledger.acceptLoss(log: 1, partition: 0, offsets: 10..<12)
        #expect(
            try store.acceptedLosses(of: Self.topic) == [
                AcceptedLoss(hours: hour(10)...hour(12), recordsMax: 4),
                AcceptedLoss(hours: hour(12)...hour(.max), recordsMax: 2),
            ])
        #expect(try store.acceptedLosses(of: .init(topic: Self.topic.topic, cluster: "there")) == [])
        #expect(try ledger.log(ofTopic: IngestBatch.testTopic, cluster: "here", startNew: true) == 2)
        try writer.ingest([Self.sale(3, hour(15).versions.lowerBound, offset: 0)], log: 2)
        #expect(
            try store.acceptedLosses(of: Self.topic).last
                == AcceptedLoss(hours: hour(12)...hour(15), recordsMax: nil))
    }

    @Test("remembers an hour as it was last noted, and status tells it", arguments: WarehouseEngine.ingesting)
    func notes(engine: WarehouseEngine) throws {
        let warehouse = try Self.warehouse(engine)
        let store = try warehouse.balanceStore()
        let holdings = HourHoldings(records: 9, foreign: 1, sales: 8, stored: 5, refused: 1, missing: [7, 8])
        var different = BalanceEntry(
            hour: Self.hour, state: .different, published: 10, holdings: holdings, reason: "why")
        let open = BalanceEntry(hour: RecordHour(number: 490_001), state: .open, published: 3, reason: "wait")
        try store.note([different, open], of: Self.topic)
        #expect(try store.entries(of: Self.topic) == [different.hour: different, open.hour: open])
        #expect(try store.entries(of: .init(topic: Self.topic.topic, cluster: "there")) == [:])
        var balance = try warehouse.status().balance
        #expect(balance.lastBalanced == nil)
        #expect(balance.different.map(\.hour) == ["2025-11-24T16"] && balance.different.first?.records == 9)
        #expect(balance.open.map(\.reason) == ["wait"])
        different.state = .balanced
        different.holdings?.missing = []
        different.reason = nil
        try store.note([different], of: Self.topic)
        #expect(try store.entries(of: Self.topic)[Self.hour] == different)
        balance = try warehouse.status().balance
        #expect(balance.lastBalanced == "2025-11-24T16" && balance.different.isEmpty)
    }

    @Test("counts the lines of ods and of the mart, of the sales that both have alike", arguments: WarehouseEngine.all)
    func mart(engine: WarehouseEngine) throws {
        let warehouse = try Self.warehouse(engine)
        let catalogue = try warehouse.catalogueStore()
        try catalogue.refresh(.products([ProductDraft("A", "apple", 1)]))
        try catalogue.refresh(.customers(["17850"]))
        let writer = try warehouse.salesWriter()
        let lines: [SaleDraft.Line] = [.init("A", 1, 1), .init("A", 1, 1), .init("Z", 1, 1)]
        try writer.ingest((1...3).map { SaleDraft(id: $0, lines: lines) })
        _ = try warehouse.martStore().rebuild(allowMissingCustomer: false, progress: { _, _ in })
        let store = try warehouse.balanceStore()
        #expect(try store.martHoldings() == MartHoldings(generation: 1, lines: 6, rows: 3, orphans: 3))
        // The stream goes on: what changed or came since is not compared.
        try writer.ingest(
            [SaleDraft(id: 1, lines: [.init("A", 1, 1)]), SaleDraft(id: 9, lines: lines)], version: 2, firstOffset: 5)
        let later = try store.martHoldings()
        #expect(later == MartHoldings(generation: 1, lines: 4, rows: 2, orphans: 2))
        #expect(later.isBalanced)
        try warehouse.execute("DELETE FROM ods.sales_items WHERE sale_id = 2 AND product_sku = 'Z'")
        #expect(try !store.martHoldings().isBalanced)
    }
}
