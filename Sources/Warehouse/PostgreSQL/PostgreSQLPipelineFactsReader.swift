internal import PostgreSQL

/// The facts out of `ods`, `dmt` and `ops`.
package struct PostgreSQLPipelineFactsReader: PipelineFactsReader {
    private let warehouse: PostgreSQLWarehouse

    package init(_ warehouse: PostgreSQLWarehouse) { self.warehouse = warehouse }

    package func read() throws -> PipelineFacts {
        try warehouse.session { connection in
            try connection.snapshot {
                PipelineFacts(
                    behindSince: try behindSince(connection),
                    orphanLines: try connection.query("SELECT count(*) FROM dmt.orphans")[0].integer(at: 0),
                    lastSuccess: try lastSuccess(connection))
            }
        }
    }

    /// By the primary keys alone: comparing every revision would read all of ods each time.
    private func behindSince(_ connection: Connection) throws -> Int64? {
        let slot = try connection.query("SELECT slot FROM dmt.generation")[0].integer(at: 0)
        return try connection.query(
            """
            SELECT \(PostgreSQLText.microseconds("SYS_DATE_CREATE")) FROM ods.sales
            WHERE id > coalesce((SELECT max(sale_id) FROM dmt.generation_sales_\(slot)), 0) ORDER BY id LIMIT 1
            """
        ).first?.integer(at: 0)
    }

    private func lastSuccess(_ connection: Connection) throws -> [String: Int64] {
        let rows = try connection.query(
            """
            SELECT run, \(PostgreSQLText.microseconds("max(ended)")) FROM ops.runs
            WHERE outcome = 'done' AND ended IS NOT NULL GROUP BY run
            """)
        return Dictionary(rows.map { ($0.text(at: 0), $0.integer(at: 1)) }, uniquingKeysWith: { $1 })
    }
}

extension PostgreSQLRunLedger: RunHistory {
    package func lastStart(of run: String) throws -> Int64? {
        try warehouse.session { connection in
            // The newest by its number: a clock may have been set back.
            try connection.query(
                """
                SELECT \(PostgreSQLText.microseconds("started")) FROM ops.runs
                WHERE run = $1 AND outcome IN ('done', 'failed') ORDER BY run_id DESC LIMIT 1
                """, [.text(run)]
            ).first?.integer(at: 0)
        }
    }
}
