internal import CSQLite

/// A compiled statement (`sqlite3_stmt *`): bind, step, read, reset. Finalized when it goes; keeps its connection open.
///
/// Columns count from 0 and parameters from 1, as in SQLite.
package struct Statement: ~Copyable {
    private let handle: OpaquePointer
    private let database: Database

    init(_ handle: OpaquePointer, of database: Database) {
        self.handle = handle
        self.database = database
    }

    deinit { sqlite3_finalize(handle) }

    // MARK: Running

    /// Advances to the next row; false at the end, where the statement is reset and its bindings stay.
    package borrowing func step() throws(SQLiteError) -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW:
            return true
        case SQLITE_DONE:
            sqlite3_reset(handle)
            return false
        default:
            throw failure()
        }
    }

    /// Runs to the end, whatever rows come.
    package borrowing func run() throws(SQLiteError) {
        while try step() {}
    }

    /// Ready to run again (`sqlite3_reset`); bindings stay.
    package borrowing func reset() { sqlite3_reset(handle) }

    private borrowing func failure() -> SQLiteError {
        let sql = sqlite3_sql(handle).map { String(cString: $0) } ?? ""
        let error = database.error(sql)
        sqlite3_reset(handle)
        return error
    }

    // MARK: Binding

    package borrowing func bind(_ value: Int64, at index: Int32) { sqlite3_bind_int64(handle, index, value) }

    package borrowing func bind(_ value: Int64?, at index: Int32) {
        if let value { sqlite3_bind_int64(handle, index, value) } else { sqlite3_bind_null(handle, index) }
    }

    /// Binds text that SQLite copies.
    package borrowing func bind(_ value: String, at index: Int32) throws(SQLiteError) {
        var value = value
        let result = value.withUTF8 { bytes in
            sqlite3_bind_text64(
                handle, index, UnsafeRawPointer(bytes.baseAddress)?.assumingMemoryBound(to: CChar.self) ?? emptyText,
                UInt64(bytes.count), transient, UInt8(SQLITE_UTF8))
        }
        if result != SQLITE_OK { throw failure() }
    }

    package borrowing func bind(_ value: String?, at index: Int32) throws(SQLiteError) {
        if let value { try bind(value, at: index) } else { sqlite3_bind_null(handle, index) }
    }

    /// Binds UTF-8 text without a copy: the bytes must stay where they are until the statement has been stepped to
    /// its end or bound anew. nil binds NULL.
    package borrowing func bindBorrowed(text: UnsafeRawBufferPointer?, at index: Int32) {
        guard let text else {
            sqlite3_bind_null(handle, index)
            return
        }
        let start = text.baseAddress?.assumingMemoryBound(to: CChar.self) ?? emptyText
        sqlite3_bind_text(handle, index, start, Int32(text.count), nil)
    }

    /// Binds bytes without a copy, on the terms of `bindBorrowed(text:at:)`. nil binds NULL.
    package borrowing func bindBorrowed(blob: UnsafeRawBufferPointer?, at index: Int32) {
        guard let blob else {
            sqlite3_bind_null(handle, index)
            return
        }
        if let start = blob.baseAddress, !blob.isEmpty {
            sqlite3_bind_blob64(handle, index, start, UInt64(blob.count), nil)
        } else {
            sqlite3_bind_zeroblob(handle, index, 0)
        }
    }

    // MARK: Reading the current row

    package borrowing func integer(at column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

    package borrowing func real(at column: Int32) -> Double { sqlite3_column_double(handle, column) }

    package borrowing func isNull(at column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

    package borrowing func optionalInteger(at column: Int32) -> Int64? {
        isNull(at: column) ? nil : sqlite3_column_int64(handle, column)
    }

    package borrowing func text(at column: Int32) -> String { optionalText(at: column) ?? "" }

    package borrowing func optionalText(at column: Int32) -> String? {
        guard let start = sqlite3_column_text(handle, column) else { return nil }
        let bytes = UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column)))
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The bytes of a column while the row is current, or nil for NULL; not valid after the next step.
    package borrowing func withBytes<Result>(
        at column: Int32, _ body: (UnsafeRawBufferPointer?) throws -> Result
    ) rethrows -> Result {
        if isNull(at: column) { return try body(nil) }
        let start = sqlite3_column_blob(handle, column)
        return try body(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
    }

    /// The number of columns of a row.
    package var columnCount: Int32 { sqlite3_column_count(handle) }

    /// A column's name as the statement gives it.
    package borrowing func name(ofColumn column: Int32) -> String {
        sqlite3_column_name(handle, column).map { String(cString: $0) } ?? ""
    }
}

/// `SQLITE_TRANSIENT`, a macro that Swift cannot import: SQLite copies the bytes before the bind returns.
private let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

/// Where empty text begins: SQLite reads a null pointer as NULL, not as the empty string.
private var emptyText: UnsafePointer<CChar> {
    let literal: StaticString = ""
    return UnsafeRawPointer(literal.utf8Start).assumingMemoryBound(to: CChar.self)
}
