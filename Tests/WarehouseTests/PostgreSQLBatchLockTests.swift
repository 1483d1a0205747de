import Foundation
import PostgreSQL
import PostgreSQLTestKit
import Testing
import WarehouseTestKit

@testable import Warehouse

@Suite("The lock of batches of a PostgreSQL warehouse", .timeLimit(.minutes(2)))
struct PostgreSQLBatchLockTests {
    // To see it fail: lock a row of a table that stays locked, such as one that names the holder.
    @Test("is not given to another process, and a holder that died keeps nothing")
    func processes() async throws {
        let warehouse = try PostgreSQLWarehouseUnderTest()
        let url = warehouse.server.url(database: warehouse.database)
        do {
            let lock = try PostgreSQLBatchLock(warehouse.warehouse)
            await #expect(processExitsWith: .exitCode(75)) { [url = url as String] in
                let other = try PostgreSQLWarehouse(url: url, clock: { 0 })
                do {
                    _ = try PostgreSQLBatchLock(other)
                } catch let error as WarehouseError where error.code == .busy {
                    exit(75)
                }
            }
            // What batches write is none of its business.
            _ = try warehouse.catalogueStore().refresh(.products([ProductDraft("A", "a", 1)]))
            withExtendedLifetime(lock) {}
        }
        await #expect(processExitsWith: .signal(SIGKILL)) { [url = url as String] in
            let lock = try PostgreSQLBatchLock(PostgreSQLWarehouse(url: url, clock: { 0 }))
            kill(getpid(), SIGKILL)
            withExtendedLifetime(lock) {}
        }
        // The server learns of the death by itself: waited for as whoever waits for a lock does.
        let waiting = try warehouse.connect()
        try waiting.query("SELECT pg_advisory_lock($1)", [.integer(PostgreSQLBatchLock.number)])
        try waiting.query("SELECT pg_advisory_unlock($1)", [.integer(PostgreSQLBatchLock.number)])
        _ = try PostgreSQLBatchLock(warehouse.warehouse)
    }

    @Test("asks for a warehouse, and for a server")
    func noWarehouse() throws {
        let warehouse = try PostgreSQLWarehouseUnderTest()
        try warehouse.execute("DROP SCHEMA ops CASCADE; DROP SCHEMA raw, ods, dmt CASCADE")
        let error = try #require(throws: WarehouseError.self) { try PostgreSQLBatchLock(warehouse.warehouse) }
        #expect(error.code == .cannotOpen && error.isOutage)
    }
}
