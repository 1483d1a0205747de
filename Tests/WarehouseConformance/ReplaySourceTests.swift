import Retail
import Testing
import Warehouse
import WarehouseTestKit

@Suite("What a replay asks")
struct ReplaySourceTests {
    @Test("is told of every partition of every log, in order", arguments: WarehouseEngine.ingesting)
    func partitions(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let source = try warehouse.replaySource()
        #expect(try source.partitions().isEmpty)
        let writer = try warehouse.salesWriter()
        try writer.ingest([RecordDraft("{}", version: 1, partition: 1, offset: 7)], log: 2)
        try writer.ingest([RecordDraft("{}", version: 1, partition: 0, offset: 3)], log: 2, nextOffsets: [0: 6])
        try writer.ingest([], log: 1, nextOffsets: [5: 4])
        func partition(
            _ log: Int64, _ number: Int32, first: Int64?, raw: Int64, last: Int64?, ods: Int64?
        ) -> WarehousePartition {
            WarehousePartition(
                log: log, topic: IngestBatch.testTopic, partition: number, firstRecord: first,
                stored: StoredPosition(raw: raw, ods: ods, lastRawRecord: last))
        }
        #expect(
            try source.partitions() == [
                partition(1, 5, first: nil, raw: 4, last: nil, ods: 4),
                partition(2, 0, first: 3, raw: 6, last: 3, ods: 6),
                partition(2, 1, first: 7, raw: 8, last: 7, ods: 8),
            ])
        // An ods that is new knows no topic.
        try warehouse.execute("DELETE FROM ods.offsets WHERE log = 2 AND \"partition\" = 1")
        #expect(try source.partitions().last == partition(2, 1, first: 7, raw: 8, last: 7, ods: nil))
    }

    @Test("counts records, and the sales that they name in whatever spelling", arguments: WarehouseEngine.ingesting)
    func content(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let texts = [
            "{\"id\": 7}", "{\"id\": \"7\"}", "{\"id\": 8}", "no JSON", "{}", "[1]", "{\"id\": null}",
            "{\"id\": \"x\"}",
        ]
        try warehouse.salesWriter().ingest(
            texts.enumerated().map { RecordDraft($1, version: 1, offset: Int64($0)) }
                + [RecordDraft(bytes: nil, version: 1, offset: 8)])
        let source = try warehouse.replaySource()
        #expect(try source.content(log: 1, partition: 0, offsets: 0..<9) == RawContent(records: 9, sales: 2))
        #expect(try source.content(log: 1, partition: 0, offsets: 1..<2) == RawContent(records: 1, sales: 1))
        #expect(try source.content(log: 1, partition: 1, offsets: 0..<8) == RawContent())
        #expect(try source.content(log: 2, partition: 0, offsets: 0..<8) == RawContent())
    }

    // Catches the smallest time being taken for the first offset: timestamps need not ascend.
    @Test("finds the first offset with a time", arguments: WarehouseEngine.ingesting)
    func times(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        // The kit gives offset N the time 1,290,000,000,000 + N.
        try warehouse.salesWriter().ingest([2, 4, 6].map { RecordDraft("{}", version: 1, offset: $0) })
        try warehouse.execute("UPDATE raw.sales SET timestamp = 1290000000009 WHERE \"offset\" = 2")
        let source = try warehouse.replaySource()
        func first(_ time: Int64, partition: Int32 = 0) throws -> Int64? {
            try source.firstOffset(log: 1, partition: partition, atMilliseconds: 1_290_000_000_000 + time)
        }
        #expect(try first(5) == 2)
        #expect(try first(9) == 2)
        #expect(try first(10) == nil)
        #expect(try first(5, partition: 1) == nil)
    }

    @Test("is told the newest log of a topic and its cluster", arguments: WarehouseEngine.ingesting)
    func newestLog(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let source = try warehouse.replaySource()
        #expect(try source.newestLog(ofTopic: "a") == nil)
        let ledger = try warehouse.logLedger(ephemeralClusterPrefix: "embedded-")
        _ = try ledger.log(ofTopic: "a", cluster: "one", startNew: false)
        let second = try ledger.log(ofTopic: "a", cluster: "two", startNew: true)
        _ = try ledger.log(ofTopic: "b", cluster: "three", startNew: false)
        let newest = try #require(try source.newestLog(ofTopic: "a"))
        #expect(newest.log == second && newest.cluster == "two")
    }

    // Catches a loss that is noted shorter than it was accepted.
    @Test(
        "knows what was given up; a range that begins where another one does makes it longer",
        arguments: WarehouseEngine.ingesting)
    func givenUp(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let ledger = try warehouse.logLedger(ephemeralClusterPrefix: "embedded-")
        #expect(try ledger.acceptedLosses(log: 1) == [:])
        for end in [Int64(9), 12, 8] { try ledger.acceptLoss(log: 1, partition: 2, offsets: 5..<end) }
        try ledger.acceptLoss(log: 1, partition: 2, offsets: 20..<21)
        try ledger.acceptLoss(log: 1, partition: 0, offsets: 1..<2)
        try ledger.acceptLoss(log: 2, partition: 0, offsets: 1..<9)
        #expect(try ledger.acceptedLosses(log: 1) == [2: [5..<12, 20..<21], 0: [1..<2]])
    }

    // Catches rows that stay as an older setting judged them: the hash tells what the record says, and not the instant.
    @Test("Read again in another time zone, a sale gets its other instant, once", arguments: WarehouseEngine.ingesting)
    func otherZone(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let writer = try warehouse.salesWriter()
        let records = [RecordDraft(SaleDraft(id: 1), version: 1, offset: 0)]
        try writer.ingest(records)
        let berlin = try #require(RetailTimeZone(identifier: "Europe/Berlin"))
        #expect(try writer.ingest(records, timeZone: berlin).ods.changed == 1)
        #expect(try warehouse.rows("SELECT instant, revision FROM ods.sales") == [["1291187040", "2"]])
        #expect(try warehouse.number("SELECT count(*) FROM ods.sales_items") == 1)
        let dump = try warehouse.dump(["raw", "ods"])
        #expect(try writer.ingest(records, timeZone: berlin).ods.unchanged == 1)
        #expect(try warehouse.dump(["raw", "ods"]) == dump)
    }

    @Test("A batch for ods alone leaves raw as it is", arguments: WarehouseEngine.ingesting)
    func odsAlone(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let writer = try warehouse.salesWriter()
        let before = try warehouse.dump(["raw"])
        let batch = IngestBatch.of([RecordDraft(SaleDraft(id: 1), version: 1, offset: 0)])
        #expect(try writer.writeOds(batch).wait().inserted == 1)
        #expect(try warehouse.dump(["raw"]) == before)
        #expect(try writer.storedPositions(log: 1) == [0: StoredPosition(ods: 1)])
    }

    // Catches memory without a bound where records are large.
    @Test("Large records are given back in several parts", arguments: WarehouseEngine.ingesting)
    func largeRecords(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let writer = try warehouse.salesWriter()
        let large = [UInt8](repeating: 0x20, count: 4 << 20)
        for offset in Int64(0)..<10 { try writer.ingest([RecordDraft(bytes: large, version: 1, offset: offset)]) }
        var counts: [Int] = []
        var next: Int64 = 0
        while true {
            let part = try writer.rawRecords(log: 1, partition: 0, offsets: next..<10, recordsMax: 1_000)
            guard let last = part.records.last else { break }
            counts.append(part.records.count)
            next = last.offset + 1
        }
        #expect(counts == [4, 4, 2])
    }
}
