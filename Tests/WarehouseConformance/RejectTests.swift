import Foundation
import Retail
import RetailTestKit
import Testing
import Warehouse
import WarehouseTestKit

@Suite("The rejects")
struct RejectTests {
    /// The zone in which a moment at the end of the year 9999 (UTC) is no longer in the calendar: other code, in effect.
    private static func zone(refusing: Bool) throws -> RetailTimeZone {
        try #require(RetailTimeZone(identifier: refusing ? "Etc/GMT-1" : "Etc/GMT+1"))
    }

    /// The record of sale 1 at a version: always the same bytes, valid or not as the zone has it.
    private static func record(_ version: Int64) -> RecordDraft {
        RecordDraft(
            "{\"id\": 1, \"datetime\": \"9999-12-31T23:30:00Z\", \"items\": [{\"product_sku\": \"v\(version)\", "
                + "\"quantity\": 1, \"amount\": 1}]}",
            version: version, offset: version)
    }

    @Test("follow rule 7 as the state machine does", arguments: VerdictTransition.all)
    func transition(expected: VerdictTransition) throws {
        for engine in WarehouseEngine.ingesting {
            let warehouse = try engine.make()
            let writer = try warehouse.salesWriter()
            func judge(_ version: Int64, isValid: Bool) throws -> OdsCounts {
                try writer.ingest([Self.record(version)], timeZone: Self.zone(refusing: !isValid)).ods
            }
            let knownBefore = [(expected.before.validVersion, true), (expected.before.refusedVersion, false)]
            for case (let version?, let isValid) in knownBefore { _ = try judge(version, isValid: isValid) }
            let revisions = try warehouse.column("SELECT revision FROM ods.sales")
            let counts = try judge(expected.event.version, isValid: expected.event.isValid)

            #expect(
                try warehouse.number("SELECT coalesce(max(version), -1) FROM ods.sales") == expected.after.validVersion
                    ?? -1)
            let sku = try warehouse.column("SELECT product_sku FROM ods.sales_items")
            #expect(sku == (expected.after.validVersion.map { ["v\($0)"] } ?? []))
            let rejects = try warehouse.rows("SELECT version, state FROM ods.sales_rejects ORDER BY version DESC")
            #expect(rejects.first?[0] == expected.after.refusedVersion.map(String.init))
            #expect(rejects.first?[1] == expected.stateAfter?.rawValue)
            if let state = expected.outcome.reject {
                #expect(rejects.first { $0[0] == String(expected.event.version) }?[1] == state.rawValue)
            }
            for reject in rejects.dropFirst() { #expect(reject[1] == "superseded") }
            if expected.outcome.removesReject {
                #expect(!rejects.contains { $0[0] == String(expected.event.version) })
                #expect(
                    try warehouse.number(
                        "SELECT count(*) FROM ods.sales_reject_positions WHERE version = \(expected.event.version)")
                        == 0)
            }
            if expected.outcome.sale == .keep, expected.before.validVersion != nil {
                #expect(try warehouse.column("SELECT revision FROM ods.sales") == revisions)
            }
            #expect(counts.newRejects + counts.knownRejects == (expected.event.isValid ? 0 : 1))
        }
    }

    @Test("keep one row per content and each of its positions", arguments: WarehouseEngine.ingesting)
    func positions(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let writer = try warehouse.salesWriter()
        let drafts = [(0, 5, 3), (0, 6, 7), (1, 0, 4)].map { partition, offset, version in
            RecordDraft("{\"id\": 8}", version: Int64(version), partition: Int32(partition), offset: Int64(offset))
        }
        let first = try writer.ingest(Array(drafts.prefix(1)))
        #expect(first.ods.newRejects == 1)
        let then = try writer.ingest(drafts)
        #expect(then.ods.newRejects == 0)
        #expect(then.ods.knownRejects == 3)
        #expect(try warehouse.rows("SELECT sale_id, version, state FROM ods.sales_rejects") == [["8", "7", "open"]])
        #expect(
            try warehouse.rows(
                """
                SELECT partition, "offset", version, SYS_FILE_NAME FROM ods.sales_reject_positions
                ORDER BY partition, "offset"
                """)
                == [
                    ["0", "5", "3", "sales_1.json"], ["0", "6", "7", "sales_1.json"], ["1", "0", "4", "sales_1.json"],
                ])
    }

    @Test("keep the bytes and every reason", arguments: WarehouseEngine.ingesting)
    func content(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let payloads: [[UInt8]?] = [
            Array("{\"id\": 9, \"datetime\": \"1.1.2010\", \"items\": [{\"product_sku\": \"a/\\\"b\"}]}".utf8), nil, [],
            [0xFF, 0],
        ]
        let drafts = payloads.enumerated().map { RecordDraft(bytes: $1, version: 1, offset: Int64($0)) }
        try warehouse.salesWriter(codeVersion: "test 7").ingest(drafts)
        let rows = try warehouse.rows(
            """
            SELECT \(warehouse.hexadecimal("payload")), CASE WHEN payload IS NULL THEN 1 ELSE 0 END, sale_id, reasons, code_version
            FROM ods.sales_rejects ORDER BY reject_id
            """)
        #expect(rows.count == payloads.count)
        for (payload, row) in zip(payloads, rows) {
            let digits = (payload ?? []).map { String(format: "%02X", $0) }.joined()
            #expect((row[0] ?? "") == digits)
            #expect(row[1] == (payload == nil ? "1" : "0"))
            #expect(row[4] == "test 7")
            let reasons = try reasons(row[3])
            #expect(!reasons.isEmpty)
            for reason in reasons { #expect(Set(reason.keys) == ["code", "field", "message"]) }
        }
        #expect(rows[0][2] == "9")
        let fields = try reasons(rows[0][3]).compactMap { $0["field"] }
        #expect(fields == ["datetime", "items[0].quantity", "items[0].amount"])
        #expect(try reasons(rows[1][3]).map { $0["code"] } == ["no_payload"])
        #expect(rows[1][2] == nil)
    }

    @Test("tell what is not known yet", arguments: WarehouseEngine.ingesting)
    func unknown(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let writer = try warehouse.salesWriter()
        let batch = IngestBatch.of([
            RecordDraft("{", version: 1, offset: 0), RecordDraft("[", version: 1, offset: 1),
            RecordDraft("{", version: 1, offset: 2),
        ])
        let hashes = batch.sales.refusals.map(\.contentHash)
        #expect(try writer.unknownRefusals(contentHashes: hashes) == 2)
        #expect(try writer.unknownRefusals(contentHashes: []) == 0)
        try writer.ingest([RecordDraft("[", version: 1, offset: 1)])
        #expect(try writer.unknownRefusals(contentHashes: hashes) == 1)
        let counts = try writer.write(batch).wait()
        #expect(counts.ods.newRejects == 1)
        #expect(counts.ods.knownRejects == 2)
    }

    @Test("are found by a writer that started with some", arguments: WarehouseEngine.ingesting)
    func restart(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        try warehouse.salesWriter().ingest([RecordDraft("{\"id\": 1}", version: 5, offset: 0)])
        try warehouse.salesWriter().ingest([RecordDraft(SaleDraft(id: 1), version: 6, offset: 1)])
        #expect(try warehouse.column("SELECT state FROM ods.sales_rejects") == ["superseded"])
    }

    @Test(
        "move as a whole when all positions of a content are judged anew, both ways",
        arguments: WarehouseEngine.ingesting)
    func judgedAnew(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let writer = try warehouse.salesWriter()
        var drafts = [Self.record(3), Self.record(3), Self.record(3)]
        for index in drafts.indices { drafts[index].offset = Int64(10 + index) }
        drafts[2].version = 9
        for _ in 0..<2 {
            try writer.ingest(drafts, timeZone: Self.zone(refusing: true))
            #expect(try warehouse.number("SELECT count(*) FROM ods.sales") == 0)
            #expect(try warehouse.number("SELECT count(*) FROM ods.sales_items") == 0)
            #expect(try warehouse.rows("SELECT version, state FROM ods.sales_rejects") == [["9", "open"]])
            #expect(try warehouse.number("SELECT count(*) FROM ods.sales_reject_positions") == 3)
            try writer.ingest(drafts, timeZone: Self.zone(refusing: false))
            #expect(try warehouse.rows("SELECT version, \"offset\" FROM ods.sales") == [["9", "12"]])
            #expect(try warehouse.number("SELECT count(*) FROM ods.sales_items") == 1)
            #expect(try warehouse.number("SELECT count(*) FROM ods.sales_rejects") == 0)
            #expect(try warehouse.number("SELECT count(*) FROM ods.sales_reject_positions") == 0)
        }
    }

    @Test("stay as long as one position of theirs was not judged anew", arguments: WarehouseEngine.ingesting)
    func judgedAnewInPart(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let writer = try warehouse.salesWriter()
        var drafts = [Self.record(3), Self.record(3), Self.record(3)]
        for index in drafts.indices {
            drafts[index].offset = Int64(index)
            drafts[index].version = Int64(3 + index)
        }
        try writer.ingest(drafts, timeZone: Self.zone(refusing: true))
        // The highest record is refused still: it waits for its correction.
        try writer.ingest([drafts[0]], timeZone: Self.zone(refusing: false))
        #expect(try warehouse.rows("SELECT version, state FROM ods.sales_rejects") == [["5", "pending_correction"]])
        #expect(try warehouse.number("SELECT count(*) FROM ods.sales_reject_positions") == 2)
        #expect(try warehouse.column("SELECT version FROM ods.sales") == ["3"])
        // Now it is valid, and only an older one refused.
        try writer.ingest([drafts[2]], timeZone: Self.zone(refusing: false))
        #expect(try warehouse.column("SELECT state FROM ods.sales_rejects") == ["superseded"])
        #expect(try warehouse.column("SELECT version FROM ods.sales") == ["5"])
        try writer.ingest([drafts[1]], timeZone: Self.zone(refusing: false))
        #expect(try warehouse.number("SELECT count(*) FROM ods.sales_rejects") == 0)
        #expect(try warehouse.number("SELECT count(*) FROM ods.sales_reject_positions") == 0)
    }

    @Test("take the words of the newer code for what it refuses as well", arguments: WarehouseEngine.ingesting)
    func newWords(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let text = "{\"id\": 1, \"datetime\": \"9999-12-31T23:30:00Z\"}"
        let draft = RecordDraft(text, version: 1, offset: 0)
        try warehouse.salesWriter(codeVersion: "1").ingest([draft], timeZone: Self.zone(refusing: true))
        let before = try warehouse.rows("SELECT reasons, code_version FROM ods.sales_rejects")[0]
        try warehouse.salesWriter(codeVersion: "2").ingest([draft], timeZone: Self.zone(refusing: true))
        #expect(try warehouse.rows("SELECT reasons, code_version FROM ods.sales_rejects")[0] == before)
        try warehouse.salesWriter(codeVersion: "2").ingest([draft], timeZone: Self.zone(refusing: false))
        let after = try warehouse.rows("SELECT reasons, code_version FROM ods.sales_rejects")[0]
        #expect(after[0] != before[0])
        #expect(after[1] == "2")
    }

    private func reasons(_ json: String?) throws -> [[String: String]] {
        try JSONDecoder().decode([[String: String]].self, from: Data(try #require(json).utf8))
    }
}
