internal import CSQLite

/// What SQLite refused, where, and in its own words. Holds SQL text but never bound values.
package struct SQLiteError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A primary result code (`SQLITE_BUSY`, `SQLITE_FULL`, …), without its extended bits.
    package struct Code: RawRepresentable, Sendable, Hashable {
        package let rawValue: Int32
        package init(rawValue: Int32) { self.rawValue = rawValue }

        package static let error = Code(rawValue: SQLITE_ERROR)
        package static let busy = Code(rawValue: SQLITE_BUSY)
        package static let locked = Code(rawValue: SQLITE_LOCKED)
        package static let readOnly = Code(rawValue: SQLITE_READONLY)
        package static let interrupted = Code(rawValue: SQLITE_INTERRUPT)
        package static let inputOutput = Code(rawValue: SQLITE_IOERR)
        package static let corrupt = Code(rawValue: SQLITE_CORRUPT)
        package static let full = Code(rawValue: SQLITE_FULL)
        package static let cannotOpen = Code(rawValue: SQLITE_CANTOPEN)
        package static let constraint = Code(rawValue: SQLITE_CONSTRAINT)
        package static let permission = Code(rawValue: SQLITE_PERM)
        package static let notADatabase = Code(rawValue: SQLITE_NOTADB)
    }

    package let code: Code
    /// The extended result code, as `sqlite3_extended_errcode` gives it.
    package let extendedCode: Int32
    /// `sqlite3_errmsg`.
    package let message: String
    /// The SQL or the operation that failed.
    package let operation: String
    /// The main file of the connection.
    package let path: String

    /// Another connection holds the lock that was asked for; the same call may succeed later.
    package var isRetriable: Bool { code == .busy || code == .locked }

    package var description: String {
        "SQLite: \(message) (code \(extendedCode)) in \(path) while running: \(operation.prefix(160))"
    }
}
