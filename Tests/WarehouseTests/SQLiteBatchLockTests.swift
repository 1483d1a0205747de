import Foundation
import RetailTestKit
import Testing
import WarehouseTestKit

@testable import Warehouse

@Suite("The lock of batches of a SQLite warehouse", .timeLimit(.minutes(2)))
struct SQLiteBatchLockTests {
    private let warehouse: SQLiteWarehouseUnderTest

    init() throws { warehouse = try SQLiteWarehouseUnderTest() }

    @Test("is not given to another process, and a holder that died keeps nothing")
    func processes() async throws {
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
            _ = try warehouse.martStore().rebuild(allowMissingCustomer: false) { _, _ in }
            withExtendedLifetime(lock) {}
        }
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let lock = try SQLiteBatchLock(SQLiteWarehouse(directory: path, clock: TestClock().wallClock))
            kill(getpid(), SIGKILL)
            withExtendedLifetime(lock) {}
        }
        _ = try SQLiteBatchLock(warehouse.warehouse)
    }

    @Test("is not left behind where a disk was mounted")
    func noWarehouse() throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: warehouse.directory.path) {
            try FileManager.default.removeItem(atPath: warehouse.directory.file(name))
        }
        let error = try #require(throws: WarehouseError.self) { try SQLiteBatchLock(warehouse.warehouse) }
        #expect(error.isOutage)
        #expect(throws: WarehouseError.self) { try SQLiteRunLedger(warehouse.warehouse).lastStart(of: "rebuild") }
        #expect(try FileManager.default.contentsOfDirectory(atPath: warehouse.directory.path).isEmpty)
    }
}
