import Foundation
import RetailTestKit
import SQLite
import Testing
import WarehouseTestKit

@testable import Warehouse

@Suite("An interrupted or reopened writer", .timeLimit(.minutes(2)))
struct InterruptionTests {
    private static let drafts = (0..<20_000).map {
        RecordDraft(SaleDraft(id: Int64($0 + 1)), version: 1, offset: Int64($0))
    }

    // Catches an interrupt that gets lost between two statements. To see it fail: leave the `check` out of the loops of
    // `RawSalesWriter.write` and `OdsSalesWriter.write`.
    @Test("has written a batch as a whole or not at all, and writes the next one", arguments: WarehouseEngine.ingesting)
    func interrupted(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let writer = try warehouse.salesWriter()
        // A second of work and more: the last of it is far from done when the interrupt comes.
        let writes = (0..<6).map { _ in writer.write(.of(Self.drafts)) }
        writer.interrupt()
        for write in writes.dropLast() { _ = try? write.wait() }
        let error = #expect(throws: WarehouseError.self) { try writes.last?.wait() }
        #expect(error?.code == .interrupted)
        for table in ["raw.sales", "ods.sales"] {
            #expect([0, 20_000].contains(try warehouse.number("SELECT count(*) FROM \(table)")))
        }
        try writer.ingest([SaleDraft(id: 20_001)], firstOffset: 20_000)
        #expect(try warehouse.number("SELECT count(*) FROM ods.sales WHERE id = 20001") == 1)
    }

    // To see it fail: in `LockWait.wait` do not look at the interrupter.
    @Test("does not wait on for another process's lock")
    func waiting() throws {
        let warehouse = try SQLiteWarehouseUnderTest()
        let writer = try warehouse.salesWriter()
        let other = try warehouse.connect()
        try other.execute("BEGIN IMMEDIATE")
        let write = writer.write(.of([RecordDraft(SaleDraft(id: 1), version: 1, offset: 0)]))
        #expect(write.wait(milliseconds: 50) == nil)
        writer.interrupt()
        // The lock is waited for five seconds otherwise.
        let result = try #require(write.wait(milliseconds: 3_000))
        let error = #expect(throws: WarehouseError.self) { try result.get() }
        #expect(error?.code == .interrupted)
        try other.execute("ROLLBACK")
        try writer.ingest([SaleDraft(id: 1)])
    }

    // Catches a new warehouse in the place where the disk was mounted. To see it fail: make the lock before the files
    // are looked at in `SQLiteSalesWriter.reopen`.
    @Test("makes nothing in a directory that is empty where a warehouse was")
    func emptyMountPoint() throws {
        let warehouse = try SQLiteWarehouseUnderTest()
        let writer = try warehouse.salesWriter()
        try writer.ingest([SaleDraft(id: 1)])
        let path = warehouse.directory.path
        try FileManager.default.moveItem(atPath: path, toPath: "\(path).away")
        defer { try? FileManager.default.removeItem(atPath: "\(path).away") }
        #expect(throws: WarehouseError.self) { try writer.ingest([SaleDraft(id: 2)], firstOffset: 1) }
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        let error = #expect(throws: WarehouseError.self) { try writer.reopen() }
        #expect(error?.code == .cannotOpen)
        #expect(try FileManager.default.contentsOfDirectory(atPath: path) == [])
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.moveItem(atPath: "\(path).away", toPath: path)
        try writer.reopen()
        try writer.ingest([SaleDraft(id: 2)], firstOffset: 1)
        #expect(try warehouse.number("SELECT count(*) FROM ods.sales") == 2)
    }

    // To see it fail: leave out `lock.isInPlace` in `SQLiteSalesWriter.reopen`.
    // Seen red with the mechanism taken out: scripts/mutations --only lock-in-place
    @Test("locks a warehouse that was put in the place of the old one")
    func lockOfTheNewOne() throws {
        let warehouse = try SQLiteWarehouseUnderTest()
        let writer = try warehouse.salesWriter()
        let path = warehouse.directory.path
        try FileManager.default.moveItem(atPath: path, toPath: "\(path).away")
        defer { try? FileManager.default.removeItem(atPath: "\(path).away") }
        try FileManager.default.copyItem(atPath: "\(path).away", toPath: path)
        try writer.reopen()
        let error = #expect(throws: WarehouseError.self) { try warehouse.salesWriter() }
        #expect(error?.code == .busy)
        #expect(error?.what == "another process ingests into this warehouse")
    }
}
