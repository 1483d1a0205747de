import Retail
import Testing
import Warehouse
import WarehouseTestKit

@Suite("The raw layer")
struct RawLayerTests {
    static let payloads: [[UInt8]?] = [
        nil, [], Array("{}".utf8), Array(SaleDraft(id: 1).text.utf8), [0xFF, 0xFE, 0x00, 0x80, 0xC3],
        Array("{\"a\": \"\u{0}\"}".utf8), [0], [UInt8](repeating: 0x41, count: 1 << 20), [UInt8](0...255),
    ]

    @Test("keeps every payload's bytes as they are, NULL and empty apart", arguments: WarehouseEngine.ingesting)
    func bytes(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let writer = try warehouse.salesWriter()
        let drafts = Self.payloads.enumerated().map {
            RecordDraft(
                bytes: $1, version: 10 + Int64($0), partition: 3, offset: 2 * Int64($0),
                fileName: $0 % 2 == 0 ? "sales_\($0).json" : nil)
        }
        let counts = try writer.ingest(drafts)
        #expect(counts.raw.inserted == drafts.count && counts.raw.known == 0)
        let kept = try writer.rawRecords(log: 1, partition: 3, offsets: 0..<100, recordsMax: 100)
        #expect(kept.records.count == drafts.count)
        for (draft, record) in zip(drafts, kept.records) {
            #expect(record.payload.map(Array.init) == draft.payload)
            #expect(record.fileName.map { String(decoding: $0, as: UTF8.self) } == draft.fileName)
            #expect(record.offset == draft.offset)
            #expect(record.version == draft.version)
            #expect(record.timestampMilliseconds == 1_290_000_000_000 + draft.offset)
            #expect(record.partition == 3)
        }
    }

    // Catches a version of the second time.
    @Test(
        "tells the version of a page's first answer, and nothing of a page that it has not",
        arguments: WarehouseEngine.ingesting)
    func pageVersion(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let pages = try warehouse.publishedPages()
        #expect(try pages.version(ofPage: "sales_a.json") == nil)
        let records = [(7, "sales_b.json"), (9, "sales_a.json"), (8, "sales_a.json"), (1, nil)] as [(Int64, String?)]
        try warehouse.salesWriter().ingest(
            records.enumerated().map {
                RecordDraft(
                    bytes: Array("{}".utf8), version: $1.0, partition: Int32($0), offset: Int64($0), fileName: $1.1)
            })
        #expect(try pages.version(ofPage: "sales_a.json") == 8)
        #expect(try pages.version(ofPage: "sales_b.json") == 7)
        #expect(try pages.version(ofPage: "sales_c.json") == nil)
    }

    @Test("takes the same record again and changes nothing", arguments: WarehouseEngine.ingesting)
    func again(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let writer = try warehouse.salesWriter()
        let drafts = Self.payloads.enumerated().map { RecordDraft(bytes: $1, version: 1, offset: Int64($0)) }
        try writer.ingest(drafts)
        let before = try warehouse.dump(["raw"])
        let counts = try writer.ingest(drafts)
        #expect(counts.raw.inserted == 0 && counts.raw.known == drafts.count)
        #expect(try warehouse.dump(["raw"]) == before)
    }

    /// Another record for a place that holds `{"id": 1}` of version 5.
    static let others: [RecordDraft] = [
        RecordDraft("{\"id\": 2}", version: 5, offset: 1), RecordDraft("{\"id\": 1}", version: 6, offset: 1),
        RecordDraft("{\"id\": 1} ", version: 5, offset: 1), RecordDraft(bytes: [], version: 5, offset: 1),
        RecordDraft(bytes: nil, version: 5, offset: 1),
    ]

    @Test("refuses another record for a known place as another log, and keeps nothing of the batch", arguments: others)
    func otherLog(other: RecordDraft) throws {
        for engine in WarehouseEngine.ingesting {
            let warehouse = try engine.make()
            let writer = try warehouse.salesWriter()
            try writer.ingest([RecordDraft("{\"id\": 1}", version: 5, offset: 1)])
            let before = try warehouse.dump(["raw"])
            let error = try #require(throws: WarehouseError.self) {
                try writer.ingest([RecordDraft(SaleDraft(id: 7), version: 9, offset: 0), other], nextOffsets: [0: 9])
            }
            #expect(error.code == .otherLog)
            #expect(!error.isRetriable)
            #expect(error.place.contains("retail.sales.v1[0]@1"))
            #expect(try warehouse.dump(["raw"]) == before)
            #expect(try writer.storedPositions(log: 1)[0]?.raw == 2)
        }
    }

    @Test("tells NULL from an empty value when a record comes again", arguments: WarehouseEngine.ingesting)
    func nullIsNotEmpty(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let writer = try warehouse.salesWriter()
        try writer.ingest([RecordDraft(bytes: nil, version: 1, offset: 0)])
        let error = try #require(throws: WarehouseError.self) {
            try writer.ingest([RecordDraft(bytes: [], version: 1, offset: 0)])
        }
        #expect(error.code == .otherLog)
    }

    @Test("holds the same place of several logs and partitions apart", arguments: WarehouseEngine.ingesting)
    func logs(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let writer = try warehouse.salesWriter()
        for log in Int64(1)...2 {
            for partition in Int32(0)...1 {
                let text = "{\"id\": \(log)\(partition)}"
                try writer.ingest([RecordDraft(text, version: 1, partition: partition, offset: 0)], log: log)
            }
        }
        let kept = try writer.rawRecords(log: 2, partition: 1, offsets: 0..<9, recordsMax: 9)
        #expect(kept.records.map { $0.payload.map { String(decoding: $0, as: UTF8.self) } } == ["{\"id\": 21}"])
    }

    @Test("gives back a range of offsets in order, as many as asked", arguments: WarehouseEngine.ingesting)
    func range(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let writer = try warehouse.salesWriter()
        try writer.ingest([9, 3, 5, 1, 7].map { RecordDraft("{}", version: 1, offset: $0) })
        func offsets(_ range: Range<Int64>, max: Int) throws -> [Int64] {
            try writer.rawRecords(log: 1, partition: 0, offsets: range, recordsMax: max).records.map(\.offset)
        }
        #expect(try offsets(0..<100, max: 100) == [1, 3, 5, 7, 9])
        #expect(try offsets(3..<9, max: 100) == [3, 5, 7])
        #expect(try offsets(2..<100, max: 2) == [3, 5])
        #expect(try offsets(10..<100, max: 100) == [])
        #expect(try offsets(0..<0, max: 100) == [])
    }

    @Test("lends records that outlive the call", arguments: WarehouseEngine.ingesting)
    func lifetime(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let writer = try warehouse.salesWriter()
        try writer.ingest([SaleDraft(id: 1), SaleDraft(id: 2)])
        let kept = try writer.rawRecords(log: 1, partition: 0, offsets: 0..<2, recordsMax: 2)
        var sales = SaleBatch()
        let parser = SaleParser(timeZone: .utc)
        for (index, record) in kept.records.enumerated() {
            parser.parse(record.payload, record: Int32(index), into: &sales)
        }
        let batch = IngestBatch(
            records: kept.records, owner: kept.owner, log: 1, topic: IngestBatch.testTopic, sales: sales,
            nextOffsets: [0: 2])
        let counts = try writer.write(batch).wait()
        #expect(counts.raw.inserted == 0 && counts.raw.known == 2)
        #expect(counts.ods.unchanged == 2)
    }
}
