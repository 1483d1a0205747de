import RetailTestKit
import Testing
import Warehouse
import WarehouseTestKit

@Suite("The ods layer", .serialized)
struct OdsLayerTests {
    private static let saleColumns =
        "id, datetime, instant, total_amount, customer_id, version, revision, log, partition, \"offset\", SYS_FILE_NAME"

    @Test("inserts a sale with its lines, typed", arguments: WarehouseEngine.ingesting)
    func insert(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let sale = SaleDraft(
            id: 5, total: 1_391_200, customer: nil,
            lines: [.init("B", 1, 1), .init("A", -2, -30_000), .init("B", 0, 0)])
        let counts = try warehouse.salesWriter().ingest([RecordDraft(sale, version: 9, partition: 1, offset: 3)])
        #expect(counts.ods.inserted == 1)
        #expect(counts.ods.totalDiffers == 1)
        #expect(
            try warehouse.rows("SELECT \(Self.saleColumns) FROM ods.sales") == [
                [
                    "5", "2010-12-01 08:04:00", "1291190640", "1391200", nil, "9", "1", "1", "1", "3", "sales_1.json",
                ]
            ])
        #expect(
            try warehouse.rows("SELECT line, product_sku, quantity, amount FROM ods.sales_items ORDER BY line")
                == [["0", "B", "1", "1"], ["1", "A", "-2", "-30000"], ["2", "B", "0", "0"]])
        #expect(
            try warehouse.rows("SELECT id FROM ods.sales_clean WHERE total_amount = 139.12") == [["5"]])
    }

    @Test("takes a sale without lines, total, customer and file name", arguments: WarehouseEngine.ingesting)
    func least(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let sale = SaleDraft(id: .max, customer: nil, lines: [])
        try warehouse.salesWriter().ingest(
            [RecordDraft(bytes: Array(sale.text.utf8), version: 1, offset: 0, fileName: nil)])
        #expect(
            try warehouse.rows("SELECT id, total_amount, customer_id, SYS_FILE_NAME FROM ods.sales")
                == [["9223372036854775807", nil, nil, nil]])
        #expect(try warehouse.number("SELECT count(*) FROM ods.sales_items") == 0)
    }

    @Test("raises the version for equal content, and neither revision nor dates", arguments: WarehouseEngine.ingesting)
    func equalContent(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let writer = try warehouse.salesWriter()
        try writer.ingest([RecordDraft(SaleDraft(id: 1), version: 5, offset: 0)])
        let unchanging = "revision, SYS_FILE_NAME, SYS_DATE_CREATE, SYS_DATE_UPDATE, content_hash, datetime"
        let before = try warehouse.rows("SELECT \(unchanging) FROM ods.sales")
        let lines = try warehouse.dump(["ods"])["ods.sales_items"]
        // The same content in other words: a blank for the T, an unknown field.
        let text = SaleDraft(id: 1).text.dropLast() + ", \"note\": \"again\"}"
        let counts = try writer.ingest([RecordDraft(String(text), version: 8, partition: 2, offset: 4)])
        #expect(counts.ods.unchanged == 1)
        #expect(counts.ods.changed == 0)
        #expect(try warehouse.rows("SELECT \(unchanging) FROM ods.sales") == before)
        #expect(
            try warehouse.rows("SELECT version, log, partition, \"offset\" FROM ods.sales") == [["8", "1", "2", "4"]])
        #expect(try warehouse.dump(["ods"])["ods.sales_items"] == lines)
    }

    @Test("replaces row and lines for a higher version with other content", arguments: WarehouseEngine.ingesting)
    func change(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let writer = try warehouse.salesWriter()
        try writer.ingest([
            RecordDraft(SaleDraft(id: 1, lines: [.init("A", 1, 1), .init("B", 2, 2)]), version: 5, offset: 0)
        ])
        let created = try warehouse.rows("SELECT SYS_DATE_CREATE, SYS_DATE_UPDATE FROM ods.sales")[0]
        var corrected = RecordDraft(
            SaleDraft(id: 1, datetime: "2011-01-01 00:00:00", customer: "1", lines: [.init("C", 3, 3)]), version: 6,
            offset: 1)
        corrected.fileName = "sales_2.json"
        let counts = try writer.ingest([corrected])
        #expect(counts.ods.changed == 1)
        #expect(
            try warehouse.rows("SELECT datetime, customer_id, version, revision, SYS_FILE_NAME FROM ods.sales")
                == [["2011-01-01 00:00:00", "1", "6", "2", "sales_2.json"]])
        #expect(try warehouse.column("SELECT product_sku FROM ods.sales_items") == ["C"])
        let dates = try warehouse.rows("SELECT SYS_DATE_CREATE, SYS_DATE_UPDATE FROM ods.sales")[0]
        #expect(dates[0] == created[0])
        #expect(try #require(dates[1]) > #require(created[1]))
    }

    // Seen red with the mechanism taken out: scripts/mutations --only version-guard
    @Test("ignores an older version, and the same version at a lower place", arguments: WarehouseEngine.ingesting)
    func outdated(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let writer = try warehouse.salesWriter()
        try writer.ingest([RecordDraft(SaleDraft(id: 1), version: 5, partition: 1, offset: 10)], log: 2)
        let before = try warehouse.dump(["ods"])
        let other = SaleDraft(id: 1, lines: [.init("other", 1, 1)])
        let older: [(RecordDraft, Int64)] = [
            (RecordDraft(other, version: 4, partition: 1, offset: 20), 2),
            (RecordDraft(other, version: 5, partition: 1, offset: 9), 2),
            (RecordDraft(other, version: 5, partition: 0, offset: 11), 2),
            (RecordDraft(other, version: 5, partition: 2, offset: 11), 1),
        ]
        for (draft, log) in older {
            let counts = try writer.ingest([draft], log: log, nextOffsets: [:])
            #expect(counts.ods.outdated == 1)
            #expect(try warehouse.dump(["ods"]) == before)
        }
        let newer: [(RecordDraft, Int64)] = [
            (RecordDraft(other, version: 5, partition: 1, offset: 11), 2),
            (RecordDraft(SaleDraft(id: 1), version: 5, partition: 2, offset: 0), 2),
            (RecordDraft(other, version: 5, partition: 0, offset: 0), 3),
            (RecordDraft(SaleDraft(id: 1), version: 6, partition: 0, offset: 0), 1),
        ]
        for (draft, log) in newer {
            #expect(try writer.ingest([draft], log: log, nextOffsets: [:]).ods.changed == 1)
        }
    }

    @Test("lets the last of several records of one sale in a batch decide", arguments: WarehouseEngine.ingesting)
    func severalInOneBatch(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let drafts = (0..<5).map { number in
            RecordDraft(
                SaleDraft(id: 1, lines: [.init("sku \(number)", 1, 1)]), version: Int64(5 - abs(number - 2)),
                offset: Int64(number))
        }
        let counts = try warehouse.salesWriter().ingest(drafts)
        #expect(counts.ods.inserted == 1)
        #expect(counts.ods.changed == 2)
        #expect(counts.ods.outdated == 2)
        #expect(try warehouse.column("SELECT product_sku FROM ods.sales_items") == ["sku 2"])
        #expect(try warehouse.column("SELECT revision FROM ods.sales") == ["3"])
    }

    @Test(
        "stores where each partition was read to, in each layer, and never goes back",
        arguments: WarehouseEngine.ingesting)
    func positions(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let writer = try warehouse.salesWriter()
        #expect(try writer.storedPositions(log: 1) == [:])
        #expect(try writer.highestSale(log: 1, partition: 0) == nil)
        try writer.ingest([RecordDraft(SaleDraft(id: 70), version: 1, offset: 4)], nextOffsets: [0: 9, 5: 2])
        let expected: [Int32: StoredPosition] = [
            0: StoredPosition(raw: 9, ods: 9, lastRawRecord: 4), 5: StoredPosition(raw: 2, ods: 2),
        ]
        #expect(try writer.storedPositions(log: 1) == expected)
        #expect(try writer.storedPositions(log: 2) == [:])
        try writer.ingest([RecordDraft(SaleDraft(id: 30), version: 1, offset: 2)], nextOffsets: [0: 3, 5: 1])
        #expect(try writer.storedPositions(log: 1) == expected)
        #expect(try writer.highestSale(log: 1, partition: 0)?.id == 70)
        try writer.ingest([RecordDraft(SaleDraft(id: 71), version: 1, offset: 3)], nextOffsets: [0: 4])
        let highest = try #require(try writer.highestSale(log: 1, partition: 0))
        #expect(highest.id == 71)
        #expect(try writer.storedPositions(log: 1) == expected)
        #expect(highest.datetime == "2010-12-01 08:04:00")
        try writer.ingest([], nextOffsets: [0: 20])
        #expect(
            try writer.storedPositions(log: 1)[0] == StoredPosition(raw: 20, ods: 20, lastRawRecord: 4))
        #expect(try writer.highestSale(log: 1, partition: 5) == nil)
    }

    @Test("finds the breaker's state again, also after a restart", arguments: WarehouseEngine.ingesting)
    func breaker(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        do {
            let writer = try warehouse.salesWriter()
            #expect(try writer.breakerState() == nil)
            try writer.ingest([], nextOffsets: [0: 1], breakerState: "{\"run\": 1}")
            try writer.ingest([], nextOffsets: [0: 2])
            #expect(try writer.breakerState() == "{\"run\": 1}")
            try writer.ingest([], nextOffsets: [0: 3], breakerState: "{\"run\": 2}")
        }
        #expect(try warehouse.salesWriter().breakerState() == "{\"run\": 2}")
    }

    @Test("keeps rows, offsets and breaker of a batch together, or nothing", arguments: WarehouseEngine.ingesting)
    func oneTransaction(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let writer = try warehouse.salesWriter()
        try writer.ingest([SaleDraft(id: 1)])
        let before = try warehouse.dump(["ods"])
        let drafts = [
            RecordDraft(SaleDraft(id: 2), version: 1, offset: 1), RecordDraft("{\"id\": 3}", version: 1, offset: 2),
        ]
        for table in ["ods.sales_items", "ods.sales_reject_positions", "ods.offsets", "ods.ingest_state"] {
            try warehouse.failingWrites(to: table) {
                let error = try #require(throws: WarehouseError.self) {
                    try writer.ingest(drafts, breakerState: "{}")
                }
                #expect(error.code == .bug)
            }
            #expect(try warehouse.dump(["ods"]) == before, "\(table)")
        }
        try writer.ingest(drafts, breakerState: "{}")
        #expect(try warehouse.column("SELECT id FROM ods.sales ORDER BY id") == ["1", "2"])
        #expect(try warehouse.column("SELECT sale_id FROM ods.sales_rejects") == ["3"])
    }

    @Test(
        "heals after a write failed: each layer is read again from its own position",
        arguments: WarehouseEngine.ingesting)
    func healing(engine: WarehouseEngine) throws {
        for failing in ["ods.sales", "raw.sales"] {
            let warehouse = try engine.make()
            let writer = try warehouse.salesWriter()
            try writer.ingest([SaleDraft(id: 1)])
            let drafts = [RecordDraft(SaleDraft(id: 2), version: 1, offset: 1)]
            try warehouse.failingWrites(to: failing) {
                #expect(throws: WarehouseError.self) { try writer.ingest(drafts) }
            }
            #expect(try warehouse.number("SELECT count(*) FROM \(failing)") == 1)
            // Whatever the other layer did, it knows what it did.
            let stored = try #require(try writer.storedPositions(log: 1)[0])
            #expect(try warehouse.number("SELECT count(*) FROM raw.sales") == stored.raw)
            #expect(try warehouse.number("SELECT count(*) FROM ods.sales") == stored.ods)
            try writer.ingest(drafts)
            #expect(try warehouse.number("SELECT count(*) FROM raw.sales") == 2)
            #expect(try warehouse.number("SELECT count(*) FROM ods.sales") == 2)
            #expect(
                try writer.storedPositions(log: 1)[0] == StoredPosition(raw: 2, ods: 2, lastRawRecord: 1))
        }
    }
}
