internal import Retail
internal import SQLite

/// Builds the mart's generations in `dmt.db` from `ods.db`.
package struct SQLiteMartStore: MartStore {
    private let warehouse: SQLiteWarehouse

    package init(_ warehouse: SQLiteWarehouse) { self.warehouse = warehouse }

    package func rebuild(
        allowMissingCustomer: Bool, progress: (_ done: Int64, _ of: Int64) throws -> Void
    ) throws -> MartReport {
        let lock = try ProcessLock(path: "\(warehouse.directory)/batch.lock", purpose: "rebuilds this mart")
        defer { withExtendedLifetime(lock) {} }
        return try translating(warehouse.directory) {
            let database = try warehouse.connect(writing: ["dmt"], reading: ["ods"], cacheKiB: 32_768)
            // Fewer and larger checkpoints: most pages are written once anyway.
            try database.execute("PRAGMA dmt.wal_autocheckpoint = 8192")
            let auditor = MartAuditor(warehouse)
            defer { auditor.finish() }
            let slot = 1 - (try database.integer("SELECT slot FROM dmt.generation") ?? 0)
            let build = try MartBuild(
                database, auditor: auditor, slot: slot, allowMissingCustomer: allowMissingCustomer,
                clock: warehouse.clock,
                place: "\(warehouse.directory)/dmt.db")
            return try build.run(progress: progress)
        }
    }
}
