internal import SQLite

/// The facts out of `ods.db`, `dmt.db` and `ops.db`.
package struct SQLitePipelineFactsReader: PipelineFactsReader {
    private let warehouse: SQLiteWarehouse

    package init(_ warehouse: SQLiteWarehouse) { self.warehouse = warehouse }

    package func read() throws -> PipelineFacts {
        try translating(warehouse.directory) {
            let database = try warehouse.connect(reading: ["ods", "dmt", "ops"], cacheKiB: 2_048)
            return try database.snapshot {
                PipelineFacts(
                    behindSince: try behindSince(database),
                    orphanLines: try database.integer("SELECT count(*) FROM dmt.orphans") ?? 0,
                    lastSuccess: try lastSuccess(database))
            }
        }
    }

    /// By the primary keys alone: comparing every revision would read all of ods each time.
    private func behindSince(_ database: Database) throws -> Int64? {
        let slot = try database.integer("SELECT slot FROM dmt.generation") ?? 0
        let built = try database.integer("SELECT max(sale_id) FROM dmt.generation_sales_\(slot)")
        let oldest = try database.prepare(
            "SELECT SYS_DATE_CREATE FROM ods.sales WHERE id > ?1 ORDER BY id LIMIT 1")
        oldest.bind(built ?? 0, at: 1)
        guard try oldest.step() else { return nil }
        return Timestamp.microseconds(of: oldest.text(at: 0))
    }

    private func lastSuccess(_ database: Database) throws -> [String: Int64] {
        let rows = try database.prepare("SELECT run, max(ended) FROM ops.runs WHERE outcome = 'done' GROUP BY run")
        var last: [String: Int64] = [:]
        while try rows.step() { last[rows.text(at: 0)] = rows.optionalText(at: 1).flatMap(Timestamp.microseconds) }
        return last
    }
}

extension SQLiteRunLedger: RunHistory {
    package func lastStart(of run: String) throws -> Int64? {
        try translating(warehouse.directory) {
            let database = try warehouse.connect(reading: ["ops"], cacheKiB: 2_048)
            // The newest by its number: a clock may have been set back.
            let last = try database.prepare(
                """
                SELECT started FROM ops.runs WHERE run = ?1 AND outcome IN ('done', 'failed')
                ORDER BY run_id DESC LIMIT 1
                """)
            try last.bind(run, at: 1)
            return try last.step() ? Timestamp.microseconds(of: last.text(at: 0)) : nil
        }
    }
}
