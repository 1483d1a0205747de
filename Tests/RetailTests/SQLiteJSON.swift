import CSQLite
import Testing

/// SQLite's own opinion of what is JSON: `json_valid`.
final class SQLiteJSON {
    private let connection: OpaquePointer
    private let statement: OpaquePointer

    init() throws {
        var connection: OpaquePointer?
        try #require(sqlite3_open(":memory:", &connection) == SQLITE_OK)
        self.connection = try #require(connection)
        var statement: OpaquePointer?
        try #require(sqlite3_prepare_v2(connection, "SELECT json_valid(?1)", -1, &statement, nil) == SQLITE_OK)
        self.statement = try #require(statement)
    }

    deinit {
        sqlite3_finalize(statement)
        sqlite3_close(connection)
    }

    func isValid(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { buffer in
            let text = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
            // The buffer outlives the step, so SQLite need not copy it; without bytes, an empty text instead of NULL.
            if text == nil {
                sqlite3_bind_text(statement, 1, "", 0, nil)
            } else {
                sqlite3_bind_text(statement, 1, text, Int32(buffer.count), nil)
            }
            defer { sqlite3_reset(statement) }
            return sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_int(statement, 0) == 1
        }
    }
}
