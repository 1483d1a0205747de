internal import Foundation
internal import SQLite

/// Reads the figures of `status` from all four files.
package struct SQLiteStatusReader {
    private let warehouse: SQLiteWarehouse

    package init(_ warehouse: SQLiteWarehouse) { self.warehouse = warehouse }

    /// Blocking: called from a thread of its own.
    package func read() throws -> WarehouseStatus {
        try translating(warehouse.directory) {
            let database = try warehouse.connect(reading: SQLiteSchema.all.map(\.name))
            return try database.snapshot { try read(database) }
        }
    }

    private func read(_ database: Database) throws -> WarehouseStatus {
        func count(_ table: String) throws -> Int64 { try database.integer("SELECT count(*) FROM \(table)") ?? 0 }
        let slot = try database.integer("SELECT slot FROM dmt.generation") ?? 0
        return WarehouseStatus(
            rawSales: try count("raw.sales"), sales: try count("ods.sales"), lines: try count("ods.sales_items"),
            products: try count("ods.products"), customers: try count("ods.customers"),
            heldCatalogues: try Catalogue.allCases.compactMap {
                try StoredSnapshots(database: database, catalogue: $0).held()
            },
            rejects: try rejects(database),
            martGeneration: try database.integer("SELECT number FROM dmt.generation") ?? 0,
            martRows: try database.integer("SELECT rows FROM dmt.generation") ?? 0,
            orphans: try database.integer("SELECT orphans FROM dmt.generation") ?? 0,
            martBuilt: try database.text("SELECT SYS_DATE_CREATE FROM dmt.generation"),
            latestSale: try database.text("SELECT max(datetime) FROM ods.sales"),
            latestSaleInMart: try database.text(
                "SELECT max(sales_datetime) FROM dmt.mart_lines_\(slot) WHERE orphan_reason IS NULL"),
            partitions: try partitions(database), lastRuns: try lastRuns(database),
            balance: try balance(database), fileBytes: fileBytes())
    }

    private func rejects(_ database: Database) throws -> [String: Int64] {
        let byState = try database.prepare("SELECT state, count(*) FROM ods.sales_rejects GROUP BY state")
        var rejects: [String: Int64] = [:]
        while try byState.step() { rejects[byState.text(at: 0)] = byState.integer(at: 1) }
        return rejects
    }

    private func partitions(_ database: Database) throws -> [WarehouseStatus.Partition] {
        let rows = try database.prepare(
            """
            SELECT ods.topic, ods.log, ods.partition, raw.next_offset, ods.next_offset
            FROM ods.offsets AS ods
            LEFT JOIN raw.offsets AS raw ON raw.log = ods.log AND raw.partition = ods.partition
            WHERE ods.log = (SELECT max(log) FROM ods.offsets AS newest WHERE newest.topic = ods.topic)
            ORDER BY ods.topic, ods.partition
            """)
        var partitions: [WarehouseStatus.Partition] = []
        while try rows.step() {
            partitions.append(
                WarehouseStatus.Partition(
                    topic: rows.text(at: 0), log: rows.integer(at: 1), partition: Int32(rows.integer(at: 2)),
                    rawNextOffset: rows.optionalInteger(at: 3), odsNextOffset: rows.optionalInteger(at: 4)))
        }
        return partitions
    }

    private func lastRuns(_ database: Database) throws -> [WarehouseStatus.Run] {
        let rows = try database.prepare(
            """
            SELECT run, started, ended, outcome, error FROM ops.runs
            WHERE run_id IN (SELECT max(run_id) FROM ops.runs GROUP BY run) ORDER BY run_id DESC
            """)
        var runs: [WarehouseStatus.Run] = []
        while try rows.step() {
            runs.append(
                WarehouseStatus.Run(
                    run: rows.text(at: 0), started: rows.text(at: 1), ended: rows.optionalText(at: 2),
                    outcome: rows.text(at: 3), error: rows.optionalText(at: 4)))
        }
        return runs
    }

    private func balance(_ database: Database) throws -> WarehouseStatus.Balance {
        func hours(_ state: BalanceEntry.State) throws -> [WarehouseStatus.Balance.Hour] {
            let rows = try database.prepare(
                "SELECT hour, published, records, reason FROM ops.balance WHERE state = ?1 ORDER BY hour")
            try rows.bind(state.rawValue, at: 1)
            var hours: [WarehouseStatus.Balance.Hour] = []
            while try rows.step() {
                hours.append(
                    WarehouseStatus.Balance.Hour(
                        hour: rows.text(at: 0), published: rows.integer(at: 1), records: rows.optionalInteger(at: 2),
                        reason: rows.optionalText(at: 3)))
            }
            return hours
        }
        return WarehouseStatus.Balance(
            lastBalanced: try database.text(
                "SELECT max(hour) FROM ops.balance WHERE state IN ('balanced', 'accepted')"),
            open: try hours(.open), different: try hours(.different))
    }

    private func fileBytes() -> [String: Int64] {
        var bytes: [String: Int64] = [:]
        for schema in SQLiteSchema.all {
            for suffix in ["", "-wal"] {
                let path = "\(warehouse.directory)/\(schema.name).db\(suffix)"
                let size = (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? NSNumber
                bytes[schema.name, default: 0] += size?.int64Value ?? 0
            }
        }
        return bytes
    }
}
