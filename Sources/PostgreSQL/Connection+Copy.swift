internal import CPostgreSQL

extension Connection {
    /// Writes many rows into a table (`COPY … FROM STDIN (FORMAT binary)`).
    ///
    /// ```swift
    /// try connection.copy("COPY staging (id, name) FROM STDIN (FORMAT binary)") { rows throws(PostgreSQLError) in
    ///     try rows.begin(fields: 2)
    ///     rows.integer(7)
    ///     rows.text("seven")
    /// }
    /// ```
    ///
    /// - Parameter body: writes the rows. When it throws, the server forgets them all and the transaction has failed.
    /// - Returns: how many rows were written.
    @discardableResult
    package func copy(_ sql: String, _ body: (inout CopyWriter) throws -> Void) throws -> Int {
        guard PQsendQuery(try handle(for: sql), sql) == 1 else { throw lost(sql) }
        try flush(sql)
        guard let opening = try nextResult(sql) else { throw lost(sql) }
        let answer = Rows(opening)
        guard PQresultStatus(answer.handle) == PGRES_COPY_IN else {
            while let rest = try nextResult(sql) { PQclear(rest) }
            settleCancellation()
            try check(answer, sql)
            throw PostgreSQLError(
                message: "the statement is no COPY FROM STDIN", operation: sql, place: parameters.description)
        }
        var writer = CopyWriter(self, sql)
        do {
            try body(&writer)
            try writer.finish()
            try endCopy(nil, sql)
        } catch {
            // The server answers with an error of its own; what counts is why.
            try? withoutInterrupts { () throws(PostgreSQLError) in try endCopy("given up", sql) }
            _ = try? withoutInterrupts { () throws(PostgreSQLError) in try lastResult(sql) }
            throw error
        }
        return try lastResult(sql).affected
    }

    /// Sends a part of the rows, and waits until the server has taken it: libpq would keep any amount in memory.
    func putCopy(_ bytes: UnsafeRawBufferPointer, _ sql: String) throws(PostgreSQLError) {
        let start = bytes.assumingMemoryBound(to: CChar.self).baseAddress
        while true {
            switch PQputCopyData(try handle(for: sql), start, Int32(bytes.count)) {
            case 1: return try flush(sql)
            case 0: try flush(sql)
            default: throw lost(sql)
            }
        }
    }

    private func endCopy(_ error: String?, _ sql: String) throws(PostgreSQLError) {
        while true {
            switch PQputCopyEnd(try handle(for: sql), error) {
            case 1: return
            case 0: try flush(sql)
            default: throw lost(sql)
            }
        }
    }
}
