/// What PostgreSQL or libpq refused, where, and in their own words.
///
/// Holds SQL text, but no parameter, no row (the server's DETAIL is left out) and no password.
package struct PostgreSQLError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kinds of failure that a caller may have to tell apart.
    package struct Code: RawRepresentable, Sendable, Hashable {
        package let rawValue: String
        package init(rawValue: String) { self.rawValue = rawValue }

        /// The connection is gone, or the server is going: connect again.
        package static let connectionLost = Code(rawValue: "connection_lost")
        /// No server was reached, or it takes nobody now.
        package static let cannotConnect = Code(rawValue: "cannot_connect")
        /// The server refused user, password or certificate.
        package static let authentication = Code(rawValue: "authentication")
        /// The URL is none, or one of its parameters is wrong.
        package static let invalidURL = Code(rawValue: "invalid_url")
        /// Concurrent transactions did not agree: the whole transaction may be run again.
        package static let serialization = Code(rawValue: "serialization")
        /// Two transactions waited for each other and this one was chosen to give way: it may be run again.
        package static let deadlock = Code(rawValue: "deadlock")
        /// A lock was not to be had in the time allowed.
        package static let lockNotAvailable = Code(rawValue: "lock_not_available")
        /// The statement was cancelled, by `Interrupter` or by a timeout.
        package static let canceled = Code(rawValue: "canceled")
        /// The role may not do that.
        package static let insufficientPrivilege = Code(rawValue: "insufficient_privilege")
        /// The server has no disk space left.
        package static let diskFull = Code(rawValue: "disk_full")
        /// The server is out of memory, connections or another resource.
        package static let insufficientResources = Code(rawValue: "insufficient_resources")
        /// The server, or this transaction, does not write (a standby, `default_transaction_read_only`).
        package static let readOnly = Code(rawValue: "read_only")
        /// The server's disk failed to read or write.
        package static let inputOutput = Code(rawValue: "input_output")
        /// The server found its data damaged.
        package static let damaged = Code(rawValue: "damaged")
        /// A database, schema, table, column or function that is named is not there.
        package static let undefinedObject = Code(rawValue: "undefined_object")
        /// What was to be made is there already.
        package static let duplicateObject = Code(rawValue: "duplicate_object")
        /// A row breaks a rule of its table.
        package static let constraint = Code(rawValue: "constraint")
        /// Anything else: the statement itself is wrong.
        package static let other = Code(rawValue: "other")
    }

    package let code: Code
    /// The SQLSTATE; nil where libpq failed before any server said one.
    package let sqlState: String?
    /// The primary message of the server, or libpq's.
    package let message: String
    /// The SQL or the operation that failed.
    package let operation: String
    /// `postgresql://HOST:PORT/DATABASE`.
    package let place: String

    /// - Parameter code: nil derives it from the SQLSTATE.
    init(_ code: Code? = nil, sqlState: String? = nil, message: String, operation: String, place: String) {
        self.code = code ?? sqlState.map(Code.init(sqlState:)) ?? .other
        self.sqlState = sqlState
        self.message = message
        self.operation = operation
        self.place = place
    }

    /// The same transaction may succeed when it is run again from its beginning, on the same connection.
    package var isRetriable: Bool { code == .serialization || code == .deadlock }

    /// One line: what, where, while doing what.
    package var description: String {
        let state = sqlState.map { ", SQLSTATE \($0)" } ?? ""
        return "PostgreSQL: \(message) (\(code.rawValue)\(state)) at \(place) while running: \(operation.prefix(160))"
    }
}

extension PostgreSQLError.Code {
    /// What a SQLSTATE means to a caller: first by the state itself, then by its class (the first two characters).
    init(sqlState: String) {
        self =
            switch sqlState {
            case "40001": .serialization
            case "40P01": .deadlock
            case "55P03": .lockNotAvailable
            case "57014": .canceled
            case "42501": .insufficientPrivilege
            case "53100": .diskFull
            case "25006": .readOnly
            case "57P03", "53300": .cannotConnect
            case "3D000", "3F000", "42P01", "42703", "42704", "42883": .undefinedObject
            case "42P04", "42P06", "42P07", "42701", "42710", "42723": .duplicateObject
            case "58030", "58P01": .inputOutput
            case "XX001", "XX002": .damaged
            default:
                switch sqlState.prefix(2) {
                case "08", "57": .connectionLost
                case "23": .constraint
                case "28": .authentication
                case "40": .serialization
                case "53": .insufficientResources
                default: .other
                }
            }
    }
}
