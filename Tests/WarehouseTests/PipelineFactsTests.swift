import Foundation
import RetailTestKit
import Testing
import WarehouseTestKit

@testable import Warehouse

@Suite("What a SQLite warehouse knows of the pipeline", .timeLimit(.minutes(2)))
struct PipelineFactsTests {
    private let warehouse: SQLiteWarehouseUnderTest

    init() throws { warehouse = try SQLiteWarehouseUnderTest() }

    private func facts() throws -> PipelineFacts { try SQLitePipelineFactsReader(warehouse.warehouse).read() }

    private func rebuild() throws {
        _ = try warehouse.martStore().rebuild(allowMissingCustomer: false) { _, _ in }
    }

    // To see it fail: compare with the time of the rebuild, or take the newest sale for the oldest.
    @Test("Since when the mart lacks a sale: from the first one that came after all that it was built from")
    func behind() throws {
        #expect(try facts() == PipelineFacts(behindSince: nil, orphanLines: 0, lastSuccess: [:]))
        try warehouse.salesWriter().ingest([SaleDraft(id: 5)])
        let first = try #require(try facts().behindSince)
        let written = try warehouse.rows("SELECT SYS_DATE_CREATE FROM ods.sales")
        #expect(written == [[Timestamp.text(ofMicroseconds: first)]])
        try rebuild()
        #expect(try facts().behindSince == nil)
        for id in [7, 9] as [Int64] { try warehouse.salesWriter().ingest([SaleDraft(id: id)], firstOffset: id) }
        let second = try #require(try facts().behindSince)
        #expect(second > first)
        #expect(
            try warehouse.rows("SELECT SYS_DATE_CREATE FROM ods.sales WHERE id = 7")
                == [[Timestamp.text(ofMicroseconds: second)]])
        try rebuild()
        #expect(try facts().behindSince == nil)
    }

    @Test("How many lines are not in the mart")
    func orphans() throws {
        let store = warehouse.catalogueStore(codeVersion: "1")
        try store.refresh(.products([ProductDraft("A", "a", 10_000)]))
        try store.refresh(.customers(["17850"]))
        try warehouse.salesWriter().ingest([
            SaleDraft(id: 1, lines: [.init("A", 1, 1), .init("?", 1, 1), .init("!", 1, 1)]),
            SaleDraft(id: 2, customer: nil, lines: [.init("A", 1, 1)]),
        ])
        try rebuild()
        #expect(try facts().orphanLines == 3)
    }

    // To see it fail: take the last run whatever became of it.
    @Test("When a run was done last, and when the last one began that counts")
    func runs() throws {
        let ledger = SQLiteRunLedger(warehouse.warehouse)
        #expect(try ledger.lastStart(of: "rebuild") == nil)
        func note(_ run: String, _ outcome: String?) throws -> (started: Int64, ended: Int64?) {
            let number = try ledger.begin(run: run)
            if let outcome { try ledger.end(number, outcome: outcome, counts: "{}", error: nil) }
            let row = try #require(
                try warehouse.rows("SELECT started, ended FROM ops.runs ORDER BY run_id DESC LIMIT 1").first)
            return (
                try #require(row[0].flatMap(Timestamp.microseconds)), row[1].flatMap(Timestamp.microseconds)
            )
        }
        let done = try note("rebuild", "done")
        _ = try note("reconcile", "done")
        #expect(try ledger.lastStart(of: "rebuild") == done.started)
        for outcome in ["unavailable", "stopped", nil] { _ = try note("rebuild", outcome) }
        #expect(try ledger.lastStart(of: "rebuild") == done.started)
        let failed = try note("rebuild", "failed")
        #expect(try ledger.lastStart(of: "rebuild") == failed.started)
        #expect(try facts().lastSuccess["rebuild"] == done.ended)
        #expect(try facts().lastSuccess.keys.sorted() == ["rebuild", "reconcile"])
    }

    @Test("One batch at a time: the second is told so, also of another process, and a holder that died keeps nothing")
    func batchLock() async throws {
        let path = warehouse.directory.path
        do {
            let lock = try SQLiteBatchLock(warehouse.warehouse)
            let error = try #require(throws: WarehouseError.self) { try SQLiteBatchLock(warehouse.warehouse) }
            #expect(error.code == .busy)
            #expect(error.what == "another process runs a batch on this warehouse")
            await #expect(processExitsWith: .exitCode(75)) { [path = path as String] in
                let other = try SQLiteWarehouse(directory: path, clock: TestClock().wallClock)
                do {
                    _ = try SQLiteBatchLock(other)
                } catch let error as WarehouseError where error.code == .busy {
                    exit(75)
                }
            }
            // The rebuild within has its own lock.
            try rebuild()
            withExtendedLifetime(lock) {}
        }
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let lock = try SQLiteBatchLock(SQLiteWarehouse(directory: path, clock: TestClock().wallClock))
            kill(getpid(), SIGKILL)
            withExtendedLifetime(lock) {}
        }
        _ = try SQLiteBatchLock(warehouse.warehouse)
    }

    @Test("Where a disk was mounted no lock is left behind")
    func noWarehouse() throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: warehouse.directory.path) {
            try FileManager.default.removeItem(atPath: warehouse.directory.file(name))
        }
        let error = try #require(throws: WarehouseError.self) { try SQLiteBatchLock(warehouse.warehouse) }
        #expect(error.isOutage)
        #expect(throws: WarehouseError.self) { try SQLiteRunLedger(warehouse.warehouse).lastStart(of: "rebuild") }
        #expect(try FileManager.default.contentsOfDirectory(atPath: warehouse.directory.path).isEmpty)
    }

    @Test(
        "Times are read as they were written", arguments: [0, 1_700_000_000_123_000, 4_107_542_399_999_000] as [Int64])
    func times(_ microseconds: Int64) {
        #expect(Timestamp.microseconds(of: Timestamp.text(ofMicroseconds: microseconds)) == microseconds)
        for text in ["", "2026-01-01 00:00:00", "2026-01-01T00:00:00.0000", "2026-02-30T00:00:00.000Z"] {
            #expect(Timestamp.microseconds(of: text) == nil)
        }
    }
}
