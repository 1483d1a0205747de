import Retail
import RetailTestKit
import Testing
import Warehouse
import WarehouseTestKit

@Suite("The books of the warehouse")
struct LedgerTests {
    // MARK: Known sales

    @Test("of known sales give the content of those that raw holds too", arguments: WarehouseEngine.ingesting)
    func contentHashes(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let writer = try warehouse.salesWriter()
        let known = try warehouse.knownSales()
        #expect(try known.contentHashes(ofSales: [1, 2]) == [:])
        try writer.ingest([SaleDraft(id: 1), SaleDraft(id: 2, customer: nil), SaleDraft(id: 3)])
        let hashes = IngestBatch.of(
            [SaleDraft(id: 1), SaleDraft(id: 2, customer: nil)].enumerated().map {
                RecordDraft($1, version: 1, offset: Int64($0))
            }
        ).sales.rows.map(\.contentHash)
        #expect(try known.contentHashes(ofSales: [1, 2, 99]) == [1: hashes[0], 2: hashes[1]])
        #expect(try known.contentHashes(ofSales: []) == [:])
        // What raw has lost counts as unknown, so that it is published again.
        try warehouse.execute("DELETE FROM raw.sales WHERE \"offset\" = 0")
        #expect(try known.contentHashes(ofSales: [1, 2]) == [2: hashes[1]])
        // The same for a sale that waits for its correction.
        try writer.ingest([RecordDraft("{\"id\": 2}", version: 2, offset: 10)])
        #expect(try known.contentHashes(ofSales: [1, 2]) == [:])
        try writer.ingest([RecordDraft(SaleDraft(id: 2, customer: nil), version: 3, offset: 11)])
        #expect(try known.contentHashes(ofSales: [1, 2]) == [2: hashes[1]])
    }

    @Test("of known refusals leave out those that were superseded", arguments: WarehouseEngine.ingesting)
    func knownRefusals(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let writer = try warehouse.salesWriter()
        let drafts = [
            RecordDraft("{\"id\": 1}", version: 1, offset: 0), RecordDraft("{\"id\": 2}", version: 1, offset: 1),
            RecordDraft("{", version: 1, offset: 2),
        ]
        let hashes = IngestBatch.of(drafts).sales.refusals.map(\.contentHash)
        let known = try warehouse.knownSales()
        #expect(try known.knownRefusals(contentHashes: hashes) == [])
        try writer.ingest(Array(drafts.prefix(2)))
        #expect(try known.knownRefusals(contentHashes: hashes) == Set(hashes.prefix(2)))
        try writer.ingest([RecordDraft(SaleDraft(id: 1), version: 2, offset: 3)])
        #expect(try known.knownRefusals(contentHashes: hashes) == [hashes[1]])
        try writer.ingest([RecordDraft(SaleDraft(id: 2), version: 0, offset: 4)])
        #expect(try known.knownRefusals(contentHashes: hashes) == [hashes[1]])
    }

    @Test(
        "of known sales give the ids in a range, the one so many back, and where days begin",
        arguments: WarehouseEngine.ingesting)
    func saleIDs(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let writer = try warehouse.salesWriter()
        let known = try warehouse.knownSales()
        #expect(try known.saleIDs(in: 1...100) == [])
        #expect(try known.saleID(numberFromLast: 1, upTo: 100) == nil)
        #expect(try known.lowestSaleID(sinceDay: "2010-12-02", upTo: 100) == nil)
        // One of the second day has a smaller id than the last of the first.
        let days: [(Int64, Int)] = [(3, 1), (10, 1), (20, 2), (25, 1), (30, 2), (40, 3)]
        try writer.ingest(days.map { SaleDraft(id: $0, datetime: "2010-12-0\($1) 00:00:00") })
        #expect(try known.saleIDs(in: 4...30) == [10, 20, 25, 30])
        #expect(try known.saleIDs(in: 4...9) == [])
        #expect(try known.saleID(numberFromLast: 1, upTo: 39) == 30)
        #expect(try known.saleID(numberFromLast: 6, upTo: 40) == 3)
        #expect(try known.saleID(numberFromLast: 7, upTo: 40) == nil)
        #expect(try known.lowestSaleID(sinceDay: "2010-12-02", upTo: 40) == 20)
        #expect(try known.lowestSaleID(sinceDay: "2010-12-03", upTo: 40) == 40)
        #expect(try known.lowestSaleID(sinceDay: "2010-12-03", upTo: 39) == nil)
    }

    @Test(
        "of known sales give the partition that is furthest behind, of the newest log",
        arguments: WarehouseEngine.ingesting)
    func lowestOfHighest(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let writer = try warehouse.salesWriter()
        let known = try warehouse.knownSales()
        func lowest() throws -> Int64? { try known.lowestOfHighestIDs(topic: IngestBatch.testTopic) }
        #expect(try lowest() == nil)
        try writer.ingest([
            RecordDraft(SaleDraft(id: 50), version: 1, partition: 0, offset: 0),
            RecordDraft(SaleDraft(id: 70), version: 1, partition: 0, offset: 1),
            RecordDraft(SaleDraft(id: 60), version: 1, partition: 1, offset: 0),
        ])
        #expect(try lowest() == 60)
        #expect(try known.lowestOfHighestIDs(topic: "another") == nil)
        // A partition that was read and held no sale: nothing is certain.
        try writer.ingest([], nextOffsets: [2: 5])
        #expect(try lowest() == 0)
        try writer.ingest([RecordDraft(SaleDraft(id: 8), version: 1, partition: 0, offset: 0)], log: 2)
        #expect(try lowest() == 8)
    }

    // MARK: Logs

    @Test("of logs give a topic one log per cluster", arguments: WarehouseEngine.ingesting)
    func logs(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let ledger = try warehouse.logLedger(ephemeralClusterPrefix: "mock")
        let first = try ledger.log(ofTopic: "sales", cluster: "A", startNew: false)
        #expect(try ledger.log(ofTopic: "sales", cluster: "A", startNew: false) == first)
        let other = try ledger.log(ofTopic: "other", cluster: "A", startNew: false)
        #expect(other != first)
        #expect(try ledger.log(ofTopic: "sales", cluster: "A", startNew: false) == first)
        #expect(try warehouse.column("SELECT reason FROM ops.logs ORDER BY log") == ["first", "first"])
    }

    @Test("of logs refuse another cluster, until another log is begun on purpose", arguments: WarehouseEngine.ingesting)
    func otherCluster(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let ledger = try warehouse.logLedger(ephemeralClusterPrefix: "mock")
        let first = try ledger.log(ofTopic: "sales", cluster: "A", startNew: false)
        let error = try #require(throws: WarehouseError.self) {
            _ = try ledger.log(ofTopic: "sales", cluster: "B", startNew: false)
        }
        #expect(error.code == .otherLog)
        #expect(error.what.contains("cluster A") && error.remedy.contains("--new-log"))
        #expect(try warehouse.number("SELECT count(*) FROM ops.logs") == 1)
        let second = try ledger.log(ofTopic: "sales", cluster: "B", startNew: true)
        #expect(second > first)
        #expect(try ledger.log(ofTopic: "sales", cluster: "B", startNew: false) == second)
        // The same cluster can hold a topic made anew.
        let third = try ledger.log(ofTopic: "sales", cluster: "B", startNew: true)
        #expect(third > second)
        #expect(try ledger.log(ofTopic: "sales", cluster: "B", startNew: false) == third)
        #expect(throws: WarehouseError.self) { try ledger.log(ofTopic: "sales", cluster: "A", startNew: false) }
    }

    @Test(
        "of logs begin another one with each broker that forgets all when it ends", arguments: WarehouseEngine.ingesting
    )
    func embedded(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let ledger = try warehouse.logLedger(ephemeralClusterPrefix: "mock")
        let logs = try ["mock-1", "mock-1", "mock-2", "real", "real", "mock-3"].map {
            try ledger.log(ofTopic: "sales", cluster: $0, startNew: false)
        }
        #expect(logs[0] == logs[1])
        #expect(logs[3] == logs[4])
        #expect(logs == logs.sorted())
        #expect(Set(logs).count == 4)
    }

    @Test("of logs note a range that was given up, once", arguments: WarehouseEngine.ingesting)
    func losses(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let ledger = try warehouse.logLedger(ephemeralClusterPrefix: "mock")
        try ledger.acceptLoss(log: 1, partition: 2, offsets: 5..<9)
        try ledger.acceptLoss(log: 1, partition: 2, offsets: 5..<9)
        try ledger.acceptLoss(log: 1, partition: 2, offsets: 20..<21)
        #expect(
            try warehouse.rows("SELECT log, partition, first_offset, end_offset FROM ops.accepted_losses ORDER BY 3")
                == [["1", "2", "5", "9"], ["1", "2", "20", "21"]])
    }

    // MARK: Runs, status, summary

    @Test("of runs tell when each began and how it ended", arguments: WarehouseEngine.ingesting)
    func runs(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let ledger = try warehouse.runLedger()
        let first = try ledger.begin(run: "ingest")
        let second = try ledger.begin(run: "batch")
        #expect(first != second)
        let open = try warehouse.status().lastRuns
        #expect(open.map(\.run) == ["batch", "ingest"])
        #expect(open.allSatisfy { $0.outcome == "running" && $0.ended == nil && $0.error == nil })
        try ledger.end(first, outcome: "failed", counts: "{\"read\": 7}", error: "no broker")
        let ended = try #require(try warehouse.status().lastRuns.last)
        #expect(ended.outcome == "failed")
        #expect(ended.error == "no broker")
        #expect(try #require(ended.ended) > ended.started)
        #expect(ended.started.hasPrefix("2023-11-14T22:1") && ended.started.hasSuffix(".000Z"))
        #expect(try warehouse.column("SELECT counts FROM ops.runs ORDER BY run_id") == ["{\"read\": 7}", "{}"])
        let third = try ledger.begin(run: "ingest")
        try ledger.end(third, outcome: "done", counts: "{}", error: nil)
        #expect(try warehouse.status().lastRuns.map(\.outcome) == ["done", "running"])
    }

    @Test("give the warehouse in figures", arguments: WarehouseEngine.all)
    func status(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let empty = try warehouse.status()
        #expect([empty.rawSales, empty.sales, empty.lines, empty.products, empty.customers] == [0, 0, 0, 0, 0])
        #expect(empty.martGeneration == 0 && empty.martBuilt == nil)
        #expect(empty.latestSale == nil && empty.latestSaleInMart == nil)
        #expect(empty.partitions.isEmpty && empty.lastRuns.isEmpty && empty.rejects.isEmpty)

        try fill(warehouse)
        let status = try warehouse.status()
        #expect(status.rawSales == 6)
        #expect(status.sales == 3)
        #expect(status.lines == 4)
        #expect(status.products == 1 && status.customers == 1)
        #expect(status.rejects == ["open": 1, "superseded": 1, "pending_correction": 1])
        #expect(status.martGeneration == 1 && status.martBuilt != nil)
        #expect(status.martRows == 2 && status.orphans == 2)
        #expect(status.latestSale == "2010-12-05 00:00:00")
        #expect(status.latestSaleInMart == "2010-12-02 00:00:00")
        #expect(
            status.partitions.map { [Int64($0.partition), $0.log, $0.rawNextOffset, $0.odsNextOffset] } == [
                [0, 1, 6, 6]
            ])
        #expect(status.partitions.map(\.topic) == [IngestBatch.testTopic])
        #expect(!status.fileBytes.isEmpty && status.fileBytes.values.allSatisfy { $0 > 0 })

        // Of several logs the newest is told.
        try warehouse.salesWriter().ingest(
            [RecordDraft(SaleDraft(id: 1), version: 9, partition: 4, offset: 1)], log: 2)
        #expect(try warehouse.status().partitions.map { [Int64($0.partition), $0.log] } == [[4, 2]])
    }

    @Test("show the mart's first rows and its figures", arguments: WarehouseEngine.all)
    func summary(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let empty = try warehouse.summary(firstRows: 5)
        #expect(empty.firstRows.isEmpty && empty.rows == 0 && empty.sales == 0 && empty.days == 0 && empty.amount == 0)
        try fill(warehouse)
        let summary = try warehouse.summary(firstRows: 1)
        #expect(summary.firstRows.map(\.id) == ["1-A"])
        let row = try #require(summary.firstRows.first)
        #expect(row.salesDatetime == "2010-12-01 08:04:00" && row.itemAmount == 1.5 && row.itemQuantity == 2)
        #expect(row.productSKU == "A" && row.productDescription == "a" && row.discountPercent == 25)
        #expect(summary.rows == 2 && summary.sales == 2 && summary.days == 2)
        #expect(summary.amount == 15_000 + 7)
        #expect(try warehouse.summary(firstRows: 10).firstRows.count == 2)
    }

    /// Three sales of which two are in the mart, one reject of each state, one rebuild.
    private func fill(_ warehouse: any WarehouseUnderTest) throws {
        let store = try warehouse.catalogueStore()
        try store.refresh(.products([ProductDraft("A", "a", 10_000)]))
        try store.refresh(.customers(["17850"]))
        let writer = try warehouse.salesWriter()
        try writer.ingest([
            RecordDraft(SaleDraft(id: 1, lines: [.init("A", 2, 15_000)]), version: 5, offset: 0),
            RecordDraft(
                SaleDraft(id: 2, datetime: "2010-12-02 00:00:00", lines: [.init("A", 1, 7), .init("?", 1, 1)]),
                version: 5, offset: 1),
            RecordDraft(
                SaleDraft(id: 3, datetime: "2010-12-05 00:00:00", customer: nil, lines: [.init("A", 1, 1)]),
                version: 5, offset: 2),
            RecordDraft("{\"id\": 1}", version: 4, offset: 3), RecordDraft("{\"id\": 2}", version: 6, offset: 4),
            RecordDraft("{", version: 6, offset: 5),
        ])
        _ = try warehouse.martStore().rebuild(allowMissingCustomer: false) { _, _ in }
    }
}
