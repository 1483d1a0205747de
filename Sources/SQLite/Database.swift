internal import CSQLite

/// One connection to SQLite (`sqlite3 *`), used by one thread at a time.
///
/// It is opened in memory and the files it works on are attached under their schema names, so that one SQL text
/// (`raw.sales`, `ods.products`) reads the same on every connection and on PostgreSQL.
///
/// ```swift
/// let database = try Database()
/// try database.attach("warehouse/ods.db", as: "ods", access: .readWrite)
/// let count = try database.integer("SELECT count(*) FROM ods.sales")
/// ```
package final class Database {
    /// How a file is opened by `attach`.
    package enum Access: Sendable {
        case readOnly
        /// Must exist already.
        case readWrite
        /// Made empty when it is missing.
        case create
    }

    /// Nobody reads SQLite's count of its memory, for which all threads take one lock at each allocation.
    private static let withoutMemoryStatistics = retailflow_sqlite3_config_memory_statistics(0)

    let handle: OpaquePointer
    private let interrupter: Interrupter
    // SQLite holds it unretained: it lives until the connection is closed in `deinit`, before it is released.
    private let lockWait: LockWait
    private var attached: [String] = []

    /// Opens a connection without any file (`sqlite3_open_v2` on `:memory:`).
    ///
    /// - Parameter interrupter: ends what this connection does; of one connection at a time.
    package init(
        busyTimeoutMilliseconds: Int32 = 5_000, interrupter: Interrupter = Interrupter()
    ) throws(SQLiteError) {
        _ = Database.withoutMemoryStatistics
        self.interrupter = interrupter
        lockWait = LockWait(timeoutMilliseconds: busyTimeoutMilliseconds, interrupter: interrupter)
        var handle: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX
        let result = sqlite3_open_v2(":memory:", &handle, flags, nil)
        guard let handle else {
            throw SQLiteError(
                code: .error, extendedCode: result, message: "out of memory", operation: "open", path: ":memory:")
        }
        self.handle = handle
        if result != SQLITE_OK { throw error("open") }
        sqlite3_extended_result_codes(handle, 1)
        sqlite3_busy_handler(handle, lockWaitCallback, Unmanaged.passUnretained(lockWait).toOpaque())
        interrupter.attach(handle)
    }

    deinit {
        interrupter.detach()
        sqlite3_close_v2(handle)
    }

    /// Attaches a file under a schema name (`ATTACH DATABASE`).
    package func attach(_ path: String, as schema: String, access: Access) throws(SQLiteError) {
        let mode =
            switch access {
            case .readOnly: "ro"
            case .readWrite: "rw"
            case .create: "rwc"
            }
        let statement = try prepare("ATTACH DATABASE ?1 AS \(Database.quoted(schema))")
        try statement.bind("file:\(Database.percentEncoded(path))?mode=\(mode)", at: 1)
        attached.append(path)
        try statement.run()
    }

    /// Leaves the write-ahead log of an attached file and its index where they are when the last connection closes
    /// (`SQLITE_FCNTL_PERSIST_WAL`): who may not write the directory cannot make them and could not open the file.
    package func keepWriteAheadLog(of schema: String) throws(SQLiteError) {
        var isOn: Int32 = 1
        if sqlite3_file_control(handle, schema, SQLITE_FCNTL_PERSIST_WAL, &isOn) != SQLITE_OK {
            throw error("keep the write-ahead log of \(schema)")
        }
        // The log that stays is an empty one.
        try execute("PRAGMA \(Database.quoted(schema)).journal_size_limit = 0")
    }

    /// Runs statements that return no rows of interest, separated by semicolons.
    package func execute(_ sql: String) throws(SQLiteError) {
        if sqlite3_exec(handle, sql, nil, nil, nil) != SQLITE_OK { throw error(sql) }
    }

    /// Compiles one statement that will be used many times (`sqlite3_prepare_v3`, persistent).
    package func prepare(_ sql: String) throws(SQLiteError) -> Statement {
        var statement: OpaquePointer?
        let result = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        guard result == SQLITE_OK, let statement else { throw error(sql) }
        return Statement(statement, of: self)
    }

    /// The first column of the first row as an integer; nil when there is no row or it is NULL.
    package func integer(_ sql: String) throws(SQLiteError) -> Int64? {
        let statement = try prepare(sql)
        return try statement.step() ? statement.optionalInteger(at: 0) : nil
    }

    /// The first column of the first row as text; nil when there is no row or it is NULL.
    package func text(_ sql: String) throws(SQLiteError) -> String? {
        let statement = try prepare(sql)
        return try statement.step() ? statement.optionalText(at: 0) : nil
    }

    /// Runs `body` between `BEGIN IMMEDIATE` and `COMMIT`, rolled back when it throws.
    ///
    /// Takes the write lock of every attached file that is not read-only, at once, so that a conflict shows here
    /// and not half-way through.
    package func transaction<Result>(_ body: () throws -> Result) throws -> Result {
        try execute("BEGIN IMMEDIATE")
        do {
            let result = try body()
            try execute("COMMIT")
            return result
        } catch {
            // SQLite may have rolled back by itself already (disk full, I/O error): then there is nothing to undo.
            if sqlite3_get_autocommit(handle) == 0 { try? execute("ROLLBACK") }
            throw error
        }
    }

    /// Runs `body` on one unchanging picture of every attached file that it reads (`BEGIN DEFERRED`).
    package func snapshot<Result>(_ body: () throws -> Result) throws -> Result {
        try execute("BEGIN DEFERRED")
        defer { if sqlite3_get_autocommit(handle) == 0 { try? execute("ROLLBACK") } }
        return try body()
    }

    /// Rows changed by the last `INSERT`, `UPDATE` or `DELETE` (`sqlite3_changes64`).
    package var changes: Int64 { sqlite3_changes64(handle) }

    /// The rowid of the last `INSERT` (`sqlite3_last_insert_rowid`).
    package var lastInsertedRow: Int64 { sqlite3_last_insert_rowid(handle) }

    func error(_ operation: String) -> SQLiteError {
        let extended = sqlite3_extended_errcode(handle)
        return SQLiteError(
            code: SQLiteError.Code(rawValue: extended & 0xFF), extendedCode: extended,
            message: String(cString: sqlite3_errmsg(handle)), operation: operation,
            path: attached.isEmpty ? ":memory:" : attached.joined(separator: ", "))
    }

    private static func quoted(_ name: String) -> String {
        "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }

    /// A path as the body of a `file:` URI: everything but the plain characters of paths is escaped.
    private static func percentEncoded(_ path: String) -> String {
        var encoded = ""
        for byte in path.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "-"),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                encoded += "%" + (digits.utf8.count == 1 ? "0" : "") + digits
            }
        }
        return encoded
    }
}
