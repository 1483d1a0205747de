internal import SQLite

/// Sums up for the audit of a rebuild on a thread and a connection of its own, beside the build: ods while the slot is
/// being filled, then half of the slot.
final class MartAuditor {
    private let warehouse: SQLiteWarehouse
    private let worker = SerialWorker(label: "retailflow.audit", state: ())
    private let sold: Pending<MartSums>

    init(_ warehouse: SQLiteWarehouse) {
        self.warehouse = warehouse
        sold = worker.submit { _ in try MartSums.sold(try warehouse.connect(reading: ["ods"], cacheKiB: 8_192)) }
    }

    /// What ods summed up to when the build began, or a little later, and what the filled slot sums up to.
    ///
    /// - Parameter database: the builder's connection, which sums up the other half meanwhile.
    func sums(slot: Int64, beside database: Database) throws -> (sold: MartSums, built: MartSums) {
        let first = try database.integer("SELECT min(sale_id) FROM dmt.generation_sales_\(slot)") ?? 0
        let last = try database.integer("SELECT max(sale_id) FROM dmt.generation_sales_\(slot)") ?? 0
        let middle = first + (last - first) / 2
        let warehouse = warehouse
        let upper = worker.submit { _ in
            try MartSums.built(
                try warehouse.connect(reading: ["dmt"], cacheKiB: 8_192), slot: slot, sales: middle + 1 ... .max)
        }
        let lower = Result { try MartSums.built(database, slot: slot, sales: .min...middle) }
        let upperSums = Result { try upper.wait() }
        return (try sold.wait(), try lower.get() + upperSums.get())
    }

    /// Waits for what is still running: nobody may move the files away under it.
    func finish() {
        _ = sold.wait(untilNanoseconds: nil)
    }
}
