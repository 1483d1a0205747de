/// Lets one batch at a time into a warehouse, of whatever process, for as long as it is held. A holder that dies can't
/// keep it.
///
/// It covers the whole of a batch; the rebuild within has a lock of its own, for those who call nothing else.
package final class SQLiteBatchLock: Sendable {
    private let lock: ProcessLock

    /// Takes the lock or says that somebody else has it; never waits.
    ///
    /// - Throws: `WarehouseError.busy`; `.cannotOpen` when there is no warehouse.
    package init(_ warehouse: SQLiteWarehouse) throws {
        // Asked first: the place where a disk was mounted must not get a lock file.
        _ = try OpenedFile("\(warehouse.directory)/\(SQLiteSchema.ops.name).db")
        lock = try ProcessLock(path: "\(warehouse.directory)/batches.lock", purpose: "runs a batch on this warehouse")
    }
}
