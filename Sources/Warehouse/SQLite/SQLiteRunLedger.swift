internal import SQLite

/// The runs of `ops.db`.
package struct SQLiteRunLedger: RunLedger {
    let warehouse: SQLiteWarehouse

    package init(_ warehouse: SQLiteWarehouse) { self.warehouse = warehouse }

    package func begin(run: String) throws -> Int64 {
        try translating(warehouse.directory) {
            let database = try warehouse.connect(writing: ["ops"])
            let insert = try database.prepare(
                "INSERT INTO ops.runs (run, started, outcome, counts) VALUES (?1, ?2, 'running', '{}')")
            try insert.bind(run, at: 1)
            try insert.bind(Timestamp.text(ofMicroseconds: warehouse.clock()), at: 2)
            try insert.run()
            return database.lastInsertedRow
        }
    }

    package func end(_ number: Int64, outcome: String, counts: String, error: String?) throws {
        try translating(warehouse.directory) {
            let database = try warehouse.connect(writing: ["ops"])
            let update = try database.prepare(
                "UPDATE ops.runs SET ended = ?2, outcome = ?3, counts = ?4, error = ?5 WHERE run_id = ?1")
            update.bind(number, at: 1)
            try update.bind(Timestamp.text(ofMicroseconds: warehouse.clock()), at: 2)
            try update.bind(outcome, at: 3)
            try update.bind(counts, at: 4)
            try update.bind(error, at: 5)
            try update.run()
        }
    }
}
