import Retail
import RetailTestKit
import Testing
import Warehouse
import WarehouseTestKit

@Suite("Refused records, looked at")
struct RejectStoreTests {
    /// A sale with two wrong lines, one with a wrong line, one without items, something that is no JSON.
    private static let drafts = [
        RecordDraft(
            "{\"id\": 1, \"datetime\": \"2010-12-01T08:00:00\", \"items\": [{\"product_sku\": \"A\", \"quantity\": 1.5, "
                + "\"amount\": 1}, {\"product_sku\": \"A\", \"quantity\": \"x\", \"amount\": 1}]}",
            version: 5, offset: 0),
        RecordDraft(
            "{\"id\": 2, \"datetime\": \"2010-12-01T08:00:00\", \"items\": [{\"product_sku\": \"A\", \"quantity\": 1, "
                + "\"amount\": 1}, {\"product_sku\": \"A\", \"quantity\": \"x\", \"amount\": 1}]}",
            version: 5, partition: 1, offset: 7),
        RecordDraft("{\"id\": 3, \"datetime\": \"2010-12-01T08:00:00\"}", version: 5, offset: 2),
        RecordDraft("{", version: 5, offset: 3),
    ]

    // Catches a content with two wrong lines that is counted twice, groups that tell lines apart, records taken for
    // contents, and an example that is none.
    @Test("are counted by field and kind of fault, each content once a group", arguments: WarehouseEngine.ingesting)
    func groups(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let writer = try warehouse.salesWriter()
        try writer.ingest(Self.drafts)
        var again = Self.drafts[1]
        again.offset = 9
        try writer.ingest([again])
        let overview = try warehouse.rejectStore().overview(RejectFilter(states: [.open]), groupsMax: 10)
        #expect(overview.rejects == [.open: 4])
        #expect(overview.groupsLeftOut == 0)
        #expect(
            overview.groups.map { "\($0.field) \($0.code) \($0.rejects) \($0.records)" } == [
                "items[].quantity not_an_integer 2 3", "items missing 1 1", "record not_json 1 1",
            ])
        let first = overview.groups[0]
        #expect(first.example.topic == IngestBatch.testTopic && first.example.saleID == 2)
        #expect(first.example.log == 1 && first.example.partition == 1 && first.example.offset == 7)
        #expect(overview.groups[2].example.saleID == nil)
        #expect(first.firstSeen < first.lastSeen)
        #expect(overview.groups[1].firstSeen == overview.groups[1].lastSeen)
    }

    @Test("are filtered by state and by kind of fault, and told in part", arguments: WarehouseEngine.ingesting)
    func filters(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let writer = try warehouse.salesWriter()
        try writer.ingest([
            RecordDraft(SaleDraft(id: 1), version: 1, offset: 10),
            RecordDraft(SaleDraft(id: 2), version: 9, offset: 11),
        ])
        try writer.ingest(Self.drafts)
        let store = try warehouse.rejectStore()
        func count(_ states: Set<RejectState>, _ code: ValidationReason.Code? = nil) throws -> [RejectState: Int64] {
            try store.overview(RejectFilter(states: states, code: code), groupsMax: 1).rejects
        }
        let all = Set(RejectState.allCases)
        #expect(try count(all) == [.open: 2, .pendingCorrection: 1, .superseded: 1])
        #expect(try count([.pendingCorrection]) == [.pendingCorrection: 1])
        #expect(try count(all, .notAnInteger) == [.pendingCorrection: 1, .superseded: 1])
        #expect(try count([.open], .notAnInteger) == [:])
        #expect(try count([.open], .missing) == [.open: 1])
        let first = try store.overview(RejectFilter(states: all), groupsMax: 1)
        #expect(first.groups.map(\.code) == ["not_an_integer"])
        #expect(first.groupsLeftOut == 2)
        let none = try engine.make().rejectStore().overview(RejectFilter(states: all), groupsMax: 5)
        #expect(none.rejects.isEmpty && none.groups.isEmpty && none.groupsLeftOut == 0)
    }

    // Catches a cursor that skips or repeats, a content torn apart although it fits, and records of another log or
    // content under a wrong name.
    @Test(
        "are read back whole content by content, however few at once", arguments: WarehouseEngine.ingesting,
        [1, 2, 3, 4, 100]
    )
    func pages(engine: WarehouseEngine, recordsMax: Int) throws {
        let warehouse = try engine.make()
        let writer = try warehouse.salesWriter()
        // Contents 1 to 4, of three records each, in two logs; and one content of seven records.
        for log in [Int64(1), 2] {
            let drafts = (0..<12).map { number in
                RecordDraft("{\"id\": \(number % 4 + 1)}", version: Int64(number), offset: Int64(number))
            }
            try writer.ingest(Array(log == 1 ? drafts.prefix(8) : drafts.suffix(4)), log: log)
        }
        try writer.ingest((20..<27).map { RecordDraft(bytes: nil, version: 1, partition: 3, offset: $0) })
        let ids = try warehouse.column("SELECT reject_id FROM ods.sales_rejects ORDER BY reject_id").compactMap(
            Int64.init)
        let store = try warehouse.rejectStore()
        var place: RejectPlace?
        var seen: [String] = []
        var chunks: [[Int64]] = []
        while true {
            let found = try store.records(after: place, recordsMax: recordsMax)
            guard let last = found.last else {
                #expect(found.parts.isEmpty)
                break
            }
            place = last
            #expect(found.gone.isEmpty)
            chunks.append(found.parts.flatMap(\.rejects))
            for part in found.parts {
                #expect(part.topic == IngestBatch.testTopic)
                for (index, record) in part.raw.records.enumerated() {
                    let text = record.payload.map { String(decoding: $0, as: UTF8.self) } ?? "NULL"
                    seen.append("\(part.rejects[index]) \(text) \(part.log) \(record.partition)@\(record.offset)")
                }
            }
        }
        let expected =
            (0..<12).map { "\(ids[$0 % 4]) {\"id\": \($0 % 4 + 1)} \($0 < 8 ? 1 : 2) 0@\($0)" }
            + (20..<27).map { "\(ids[4]) NULL 1 3@\($0)" }
        #expect(seen.sorted() == expected.sorted())
        #expect(chunks.allSatisfy { (1...recordsMax).contains($0.count) })
        for id in ids {
            let sizes = chunks.map { chunk in chunk.count { $0 == id } }.filter { $0 > 0 }
            let size = sizes.reduce(0, +)
            #expect(sizes.count == (size <= recordsMax ? 1 : sizes.count), "\(id): \(sizes)")
        }
    }

    // Catches a record that raw has lost and that is taken for one without a value.
    @Test("are told where raw no longer has them", arguments: WarehouseEngine.ingesting)
    func gone(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        try warehouse.salesWriter().ingest(Self.drafts + [RecordDraft(bytes: nil, version: 1, offset: 4)])
        try warehouse.execute("DELETE FROM raw.sales WHERE partition = 0 AND \"offset\" IN (0, 2)")
        let found = try warehouse.rejectStore().records(after: nil, recordsMax: 100)
        #expect(found.gone.map(\.offset) == [0, 2])
        #expect(found.parts.flatMap { $0.raw.records.map(\.offset) } == [7, 3, 4])
    }
}
