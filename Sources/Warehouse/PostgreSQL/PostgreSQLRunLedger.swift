internal import PostgreSQL

/// The runs of `ops.runs`.
package struct PostgreSQLRunLedger: RunLedger {
    let warehouse: PostgreSQLWarehouse

    package init(_ warehouse: PostgreSQLWarehouse) { self.warehouse = warehouse }

    package func begin(run: String) throws -> Int64 {
        try warehouse.session { connection in
            try connection.query(
                "INSERT INTO ops.runs (run, started, outcome, counts) VALUES ($1, $2, 'running', '{}') RETURNING run_id",
                [.text(run), .instant(microseconds: warehouse.clock())])[0].integer(at: 0)
        }
    }

    package func end(_ number: Int64, outcome: String, counts: String, error: String?) throws {
        try warehouse.session { connection in
            _ = try connection.query(
                "UPDATE ops.runs SET ended = $2, outcome = $3, counts = $4::text::jsonb, error = $5 WHERE run_id = $1",
                [
                    .integer(number), .instant(microseconds: warehouse.clock()), .text(outcome), .text(counts),
                    .optional(error),
                ])
        }
    }
}
