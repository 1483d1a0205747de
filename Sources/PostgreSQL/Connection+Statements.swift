internal import CPostgreSQL

extension Connection {
    /// Runs statements without parameters, separated by semicolons, that return no rows of interest (`PQsendQuery`).
    package func execute(_ sql: String) throws(PostgreSQLError) {
        _ = try run(sql)
    }

    /// Runs one statement that is not used often (`PQsendQueryParams`).
    @discardableResult
    package func query(_ sql: String, _ parameters: [Parameter] = []) throws(PostgreSQLError) -> Rows {
        try send(sql, parameters, handle(for: sql))
        return try lastResult(sql)
    }

    /// Runs one statement and hands its rows over one by one as they arrive (`PQsetSingleRowMode`): as many as there are,
    /// without room for all. Nothing else may use the connection meanwhile.
    package func forEachRow(
        _ sql: String, _ parameters: [Parameter] = [], _ body: (Row) throws -> Void
    ) throws {
        let handle = try handle(for: sql)
        try send(sql, parameters, handle)
        _ = PQsetSingleRowMode(handle)
        var failure: (any Error)?
        while let result = try nextResult(sql) {
            let rows = Rows(result)
            do {
                if PQresultStatus(result) == PGRES_SINGLE_TUPLE {
                    if failure == nil { try body(rows[0]) }
                } else {
                    try check(rows, sql)
                }
            } catch {
                if failure == nil { failure = error }
            }
        }
        settleCancellation()
        if let failure { throw failure }
    }

    /// Runs SQL by the simple protocol: each value of its last result as the server writes it, nil for NULL.
    package func texts(_ sql: String) throws(PostgreSQLError) -> [[String?]] {
        let rows = try run(sql)
        return rows.map { row in rows.columns.indices.map { row.optionalText(at: Int32($0)) } }
    }

    /// Runs a prepared statement (`PQsendQueryPrepared`).
    @discardableResult
    package func run(_ statement: Statement, _ parameters: [Parameter] = []) throws(PostgreSQLError) -> Rows {
        let encoded = EncodedParameters(parameters)
        try prepare(statement, types: encoded.types)
        try sendPrepared(statement, encoded, handle(for: statement.sql))
        return try lastResult(statement.sql)
    }

    /// Runs prepared statements one after another with a single wait for all of them (`PQenterPipelineMode`).
    ///
    /// Without a transaction around them they are one of their own. The first that fails ends the rest.
    ///
    /// - Returns: a result for each statement.
    package func pipeline(_ calls: [(Statement, [Parameter])]) throws(PostgreSQLError) -> [Rows] {
        let encoded = calls.map { EncodedParameters($0.1) }
        for (call, encoded) in zip(calls, encoded) { try prepare(call.0, types: encoded.types) }
        let operation = calls.map(\.0.name).joined(separator: ", ")
        let handle = try handle(for: operation)
        guard PQenterPipelineMode(handle) == 1 else { throw lost(operation) }
        // From here to the end of the pipeline an interrupt is heeded while waiting only: what was begun must be ended.
        for (call, encoded) in zip(calls, encoded) { try sendPrepared(call.0, encoded, handle) }
        guard PQpipelineSync(handle) == 1 else { throw lost(operation) }
        try flush(operation)
        var results: [Rows] = []
        var failure: PostgreSQLError?
        for (statement, _) in calls {
            while let result = try nextResult(statement.sql) {
                let rows = Rows(result)
                do throws(PostgreSQLError) {
                    try check(rows, statement.sql)
                } catch {
                    if failure == nil { failure = error }
                }
                results.append(rows)
            }
        }
        // The end of the pipeline answers too.
        if let result = try nextResult(operation) { PQclear(result) }
        guard PQexitPipelineMode(handle) == 1 else { throw lost(operation) }
        settleCancellation()
        if let failure { throw failure }
        return results
    }

    // MARK: Sending and reading

    /// Runs SQL by the simple protocol; the last result.
    func run(_ sql: String) throws(PostgreSQLError) -> Rows {
        guard PQsendQuery(try handle(for: sql), sql) == 1 else { throw lost(sql) }
        return try lastResult(sql)
    }

    private func prepare(_ statement: Statement, types: [UInt32]) throws(PostgreSQLError) {
        guard !prepared.contains(statement.name) else { return }
        let handle = try handle(for: statement.sql)
        guard PQsendPrepare(handle, statement.name, statement.sql, Int32(types.count), types) == 1 else {
            throw lost(statement.sql)
        }
        _ = try lastResult(statement.sql)
        prepared.insert(statement.name)
    }

    private func sendPrepared(
        _ statement: Statement, _ encoded: EncodedParameters, _ handle: OpaquePointer
    ) throws(PostgreSQLError) {
        let isSent = encoded.withPointers { count, values, lengths, formats in
            PQsendQueryPrepared(handle, statement.name, count, values, lengths, formats, 1)
        }
        guard isSent == 1 else { throw lost(statement.sql) }
    }

    private func send(
        _ sql: String, _ parameters: [Parameter], _ handle: OpaquePointer
    ) throws(PostgreSQLError) {
        let encoded = EncodedParameters(parameters)
        let isSent = encoded.withPointers { count, values, lengths, formats in
            PQsendQueryParams(handle, sql, count, encoded.types, values, lengths, formats, 1)
        }
        guard isSent == 1 else { throw lost(sql) }
    }

    /// Sends what is left, reads all results, and gives the last one.
    ///
    /// - Throws: the first failure among them.
    func lastResult(_ operation: String) throws(PostgreSQLError) -> Rows {
        try flush(operation)
        var last: Rows?
        var failure: PostgreSQLError?
        while let result = try nextResult(operation) {
            let rows = Rows(result)
            do throws(PostgreSQLError) {
                try check(rows, operation)
            } catch {
                if failure == nil { failure = error }
            }
            last = rows
        }
        settleCancellation()
        if let failure { throw failure }
        guard let last else { throw lost(operation) }
        return last
    }

    /// - Throws: what a result says that went wrong.
    func check(_ rows: Rows, _ operation: String) throws(PostgreSQLError) {
        switch PQresultStatus(rows.handle) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_SINGLE_TUPLE, PGRES_EMPTY_QUERY, PGRES_PIPELINE_SYNC:
            return
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
            preconditionFailure("COPY FROM STDIN goes through copy, other COPY not at all: \(operation)")
        case PGRES_PIPELINE_ABORTED:
            throw PostgreSQLError(
                message: "not run: a statement before it failed", operation: operation, place: parameters.description)
        default:
            func field(_ code: Character) -> String? {
                PQresultErrorField(rows.handle, Int32(code.asciiValue ?? 0)).map { String(cString: $0) }
            }
            let state = field("C")
            let error = PostgreSQLError(
                // Without a state it is libpq that speaks: the connection has gone.
                state == nil ? .connectionLost : nil, sqlState: state,
                message: field("M") ?? String(cString: PQresultErrorMessage(rows.handle)),
                operation: operation, place: parameters.description)
            throw error
        }
    }
}
