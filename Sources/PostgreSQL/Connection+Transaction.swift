internal import CPostgreSQL

extension Connection {
    /// Runs `body` between `BEGIN` and `COMMIT`, rolled back when it throws.
    ///
    /// - Parameter attempts: how often it is run at most, as long as it fails by a serialization failure or a deadlock:
    ///   `body` must bear being run again from its beginning.
    package func transaction<Result>(
        _ begin: String = "BEGIN", attempts: Int = 1, _ body: () throws -> Result
    ) throws -> Result {
        for _ in 1..<max(1, attempts) {
            do {
                return try once(begin, body)
            } catch let error as PostgreSQLError {
                guard error.isRetriable else { throw error }
            }
        }
        return try once(begin, body)
    }

    /// Runs `body` on one unchanging picture of the database.
    package func snapshot<Result>(_ body: () throws -> Result) throws -> Result {
        try transaction("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY", body)
    }

    private func once<Result>(_ begin: String, _ body: () throws -> Result) throws -> Result {
        try execute(begin)
        do {
            let result = try body()
            // A transaction in which something failed that nobody looked at is rolled back by COMMIT, without an error.
            guard try run("COMMIT").tag == "COMMIT" else {
                throw PostgreSQLError(
                    sqlState: "25P02", message: "the transaction had failed and was rolled back", operation: "COMMIT",
                    place: parameters.description)
            }
            return result
        } catch {
            if isInTransaction {
                _ = try? withoutInterrupts { () throws(PostgreSQLError) in try run("ROLLBACK") }
            }
            throw error
        }
    }
}
