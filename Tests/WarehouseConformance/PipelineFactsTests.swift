import RetailTestKit
import Testing
import WarehouseTestKit

@testable import Warehouse

@Suite("What a warehouse knows of the pipeline", .timeLimit(.minutes(2)))
struct PipelineFactsTests {
    private func rebuild(_ warehouse: any WarehouseUnderTest) throws {
        _ = try warehouse.martStore().rebuild(allowMissingCustomer: false) { _, _ in }
    }

    /// When a sale was first written, to the millisecond.
    private func written(_ sale: Int64, _ warehouse: any WarehouseUnderTest) throws -> Int64? {
        try warehouse.saleTracer().trace(sale: sale).stored.flatMap { Timestamp.microseconds(of: $0.created) }
    }

    @Test("Of an empty warehouse there is nothing to tell", arguments: WarehouseEngine.ingesting)
    func empty(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        #expect(
            try warehouse.pipelineFacts() == PipelineFacts(behindSince: nil, orphanLines: 0, lastSuccess: [:]))
        try warehouse.salesWriter().ingest([SaleDraft(id: 7), SaleDraft(id: 5), SaleDraft(id: 9)])
        #expect(try warehouse.pipelineFacts().behindSince == written(5, warehouse))
    }

    // To see it fail: compare with the time of the rebuild, or take the newest sale for the oldest.
    @Test(
        "Since when the mart lacks a sale: from the first one that came after all that it was built from",
        arguments: WarehouseEngine.all)
    func behind(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        try warehouse.salesWriter().ingest([SaleDraft(id: 5)])
        let first = try #require(try warehouse.pipelineFacts().behindSince)
        #expect(try first == written(5, warehouse))
        try rebuild(warehouse)
        #expect(try warehouse.pipelineFacts().behindSince == nil)
        for id in [7, 9] as [Int64] { try warehouse.salesWriter().ingest([SaleDraft(id: id)], firstOffset: id) }
        let second = try #require(try warehouse.pipelineFacts().behindSince)
        #expect(second > first)
        #expect(try second == written(7, warehouse))
        try rebuild(warehouse)
        #expect(try warehouse.pipelineFacts().behindSince == nil)
    }

    @Test("How many lines are not in the mart", arguments: WarehouseEngine.all)
    func orphans(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let store = try warehouse.catalogueStore()
        try store.refresh(.products([ProductDraft("A", "a", 10_000)]))
        try store.refresh(.customers(["17850"]))
        try warehouse.salesWriter().ingest([
            SaleDraft(id: 1, lines: [.init("A", 1, 1), .init("?", 1, 1), .init("!", 1, 1)]),
            SaleDraft(id: 2, customer: nil, lines: [.init("A", 1, 1)]),
        ])
        try rebuild(warehouse)
        #expect(try warehouse.pipelineFacts().orphanLines == 3)
    }

    // To see it fail: take the last run whatever became of it.
    @Test(
        "When a run was done last, and when the last one began that counts", arguments: WarehouseEngine.ingesting)
    func runs(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let (ledger, history) = (try warehouse.runLedger(), try warehouse.runHistory())
        #expect(try history.lastStart(of: "rebuild") == nil)
        func note(_ run: String, _ outcome: String?) throws -> (started: Int64, ended: Int64?) {
            let number = try ledger.begin(run: run)
            if let outcome { try ledger.end(number, outcome: outcome, counts: "{}", error: nil) }
            let last = try #require(try warehouse.status().lastRuns.first { $0.run == run })
            return (
                try #require(Timestamp.microseconds(of: last.started)),
                last.ended.flatMap(Timestamp.microseconds)
            )
        }
        let done = try note("rebuild", "done")
        _ = try note("reconcile", "done")
        #expect(try history.lastStart(of: "rebuild") == done.started)
        for outcome in ["unavailable", "stopped", nil] { _ = try note("rebuild", outcome) }
        #expect(try history.lastStart(of: "rebuild") == done.started)
        let failed = try note("rebuild", "failed")
        #expect(try history.lastStart(of: "rebuild") == failed.started)
        let facts = try warehouse.pipelineFacts()
        #expect(facts.lastSuccess["rebuild"] == done.ended)
        #expect(facts.lastSuccess.keys.sorted() == ["rebuild", "reconcile"])
    }

    // To see it fail: let the connection that holds it go back to the pool, or forget it.
    @Test("One batch at a time: the second is told so, and the next one gets in", arguments: WarehouseEngine.ingesting)
    func batchLock(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        for _ in 1...3 {
            let lock = try warehouse.lockBatches()
            let error = try #require(throws: WarehouseError.self) { _ = try warehouse.lockBatches() }
            #expect(error.code == .busy)
            #expect(error.what == "another process runs a batch on this warehouse")
            withExtendedLifetime(lock) {}
        }
    }
}
