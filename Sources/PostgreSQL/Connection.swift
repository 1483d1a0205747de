internal import CPostgreSQL
internal import Foundation

/// One connection to PostgreSQL (`PGconn *`), used by one thread at a time.
///
/// libpq is used without blocking: this waits for the socket itself and for an `Interrupter` beside it, so that a server
/// that does not answer keeps nobody.
///
/// ```swift
/// let connection = try Connection(ConnectionParameters(url: "postgresql://localhost/shop"))
/// let count = try connection.query("SELECT count(*) FROM ods.sales WHERE id > $1", [.integer(7)])[0].integer(at: 0)
/// ```
package final class Connection {
    /// How long the server has to answer a request to cancel before the connection is given up.
    private static let cancelMilliseconds = 3_000

    package let parameters: ConnectionParameters
    private let interrupter: Interrupter
    private var opened: OpaquePointer?
    private var cancellation: Cancellation?
    private var cancelDeadline: ContinuousClock.Instant?
    private var heedsInterrupter = true
    /// The statements that the server has of this connection, by name.
    var prepared: Set<String> = []

    /// Connects (`PQconnectStartParams`, `PQconnectPoll`).
    ///
    /// - Parameter interrupter: ends what this connection does; connecting ends by itself.
    /// - Throws: `PostgreSQLError` with `.cannotConnect`, `.authentication`, `.undefinedObject` (no such database).
    package init(
        _ parameters: ConnectionParameters, interrupter: Interrupter = Interrupter()
    ) throws(PostgreSQLError) {
        self.parameters = parameters
        self.interrupter = interrupter
        try withoutInterrupts { () throws(PostgreSQLError) in try connect() }
    }

    deinit { close() }

    /// Gives the connection up, whatever it is doing, and connects anew. Settings of the session are gone with the old
    /// one; statements are prepared again when they are next used.
    package func reconnect() throws(PostgreSQLError) {
        close()
        try withoutInterrupts { () throws(PostgreSQLError) in try connect() }
    }

    /// The number of the server's process for this connection (`PQbackendPID`).
    package var backendProcess: Int32 { opened.map(PQbackendPID) ?? 0 }

    /// The server's version (`PQserverVersion`): 150004 is 15.4.
    package var serverVersion: Int32 { opened.map(PQserverVersion) ?? 0 }

    /// Whether the connection is encrypted (`PQsslInUse`).
    package var isEncrypted: Bool { opened.map { PQsslInUse($0) == 1 } ?? false }

    /// Whether a transaction is open, failed or not (`PQtransactionStatus`).
    var isInTransaction: Bool {
        guard let opened else { return false }
        let status = PQtransactionStatus(opened)
        return status != PQTRANS_IDLE && status != PQTRANS_UNKNOWN
    }

    /// Runs `body` to its end even when an interrupt was asked for: what undoes, not what does.
    func withoutInterrupts<Result>(_ body: () throws(PostgreSQLError) -> Result) throws(PostgreSQLError) -> Result {
        let heeded = heedsInterrupter
        heedsInterrupter = false
        defer { heedsInterrupter = heeded }
        return try body()
    }

    private func close() {
        if let opened { PQfinish(opened) }
        (opened, cancellation, cancelDeadline, prepared) = (nil, nil, nil, [])
    }
}

// MARK: Connecting

extension Connection {
    private func connect() throws(PostgreSQLError) {
        guard let handle = parameters.start() else {
            throw PostgreSQLError(
                .insufficientResources, message: "out of memory", operation: "connect", place: parameters.description)
        }
        opened = handle
        // The only way to learn the SQLSTATE of a refused connection is libpq's long message.
        PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
        let deadline = ContinuousClock.now + .seconds(parameters.connectSeconds)
        var wanted = PGRES_POLLING_WRITING
        while PQstatus(handle) != CONNECTION_BAD, wanted != PGRES_POLLING_OK, wanted != PGRES_POLLING_FAILED {
            if try poll(toWrite: wanted == PGRES_POLLING_WRITING, until: deadline) {
                wanted = PQconnectPoll(handle)
            } else if deadline <= .now {
                close()
                throw PostgreSQLError(
                    .cannotConnect, message: "no answer within \(parameters.connectSeconds) s", operation: "connect",
                    place: parameters.description)
            }
        }
        guard PQstatus(handle) == CONNECTION_OK else {
            let refusal = refusal(String(cString: PQerrorMessage(handle)))
            close()
            throw refusal
        }
        PQsetErrorVerbosity(handle, PQERRORS_DEFAULT)
        PQsetNoticeReceiver(handle, ignoreNotice, nil)
        PQsetnonblocking(handle, 1)
        cancellation = Cancellation(of: handle)
    }

    /// The error in a text such as `connection to server at … failed: FATAL:  28P01: password … LOCATION:  …`.
    private func refusal(_ text: String) -> PostgreSQLError {
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("LOCATION:") }
        let message = lines.joined(separator: "; ")
        let state = message.firstMatch(of: #/:  ([0-9A-Z]{5}): /#).map { String($0.output.1) }
        let known = state.map(PostgreSQLError.Code.init(sqlState:))
        // Going down or coming up, it takes nobody.
        let code = known == .connectionLost || known == nil ? .cannotConnect : known
        return PostgreSQLError(
            code, sqlState: state, message: message, operation: "connect", place: parameters.description)
    }
}

// MARK: Waiting

extension Connection {
    /// The open connection.
    ///
    /// - Throws: `.connectionLost` when it was given up; `.canceled` when an interrupt was asked for.
    func handle(for operation: String) throws(PostgreSQLError) -> OpaquePointer {
        if heedsInterrupter { try interrupter.check() }
        guard let opened else {
            throw PostgreSQLError(
                .connectionLost, message: "the connection is closed", operation: operation,
                place: parameters.description)
        }
        return opened
    }

    /// Sends what libpq holds back (`PQflush`), reading meanwhile, so that neither side waits for the other.
    func flush(_ operation: String) throws(PostgreSQLError) {
        guard let opened else { throw lost(operation) }
        while true {
            switch PQflush(opened) {
            case 0: return
            case 1:
                try wait(toWrite: true, operation)
                guard PQconsumeInput(opened) == 1 else { throw lost(operation) }
            default: throw lost(operation)
            }
        }
    }

    /// The next result of what was sent, which the caller has to clear; nil behind the last one (`PQgetResult`).
    func nextResult(_ operation: String) throws(PostgreSQLError) -> OpaquePointer? {
        guard let opened else { throw lost(operation) }
        while PQisBusy(opened) == 1 {
            try wait(toWrite: false, operation)
            guard PQconsumeInput(opened) == 1 else { throw lost(operation) }
        }
        return PQgetResult(opened)
    }

    /// To be called behind the last result: a request to cancel must have arrived before anything else is sent.
    func settleCancellation() {
        guard let deadline = cancelDeadline, let cancellation else { return }
        cancelDeadline = nil
        let left = (deadline - .now) / .milliseconds(1)
        if !cancellation.wait(milliseconds: max(0, Int(left))) { close() }
    }

    /// The failure of the connection itself; it is closed.
    func lost(_ operation: String) -> PostgreSQLError {
        let message = opened.map { String(cString: PQerrorMessage($0)) } ?? "the connection is closed"
        close()
        return PostgreSQLError(
            .connectionLost, message: message.split(separator: "\n").joined(separator: "; "), operation: operation,
            place: parameters.description)
    }

    /// Waits for the socket. An interrupt asks the server to cancel and goes on waiting for its answer, for a while.
    private func wait(toWrite: Bool, _ operation: String) throws(PostgreSQLError) {
        while true {
            if heedsInterrupter, interrupter.isInterrupted, cancelDeadline == nil {
                cancelDeadline = .now + .milliseconds(Connection.cancelMilliseconds)
                cancellation?.request()
            }
            if try poll(toWrite: toWrite, until: cancelDeadline) { return }
            if let deadline = cancelDeadline, deadline <= .now {
                close()
                throw PostgreSQLError(
                    .canceled, message: "interrupted; the server does not answer", operation: operation,
                    place: parameters.description)
            }
        }
    }

    /// True when the socket is ready; false when the deadline has come or an interrupt wants to be looked at.
    private func poll(toWrite: Bool, until deadline: ContinuousClock.Instant?) throws(PostgreSQLError) -> Bool {
        guard let opened else { throw lost("wait for the server") }
        // Writing or reading: a server that has gone tells by what can be read.
        let events = toWrite ? POLLIN | POLLOUT : POLLIN
        let isWaitingForCancel = cancelDeadline != nil || !heedsInterrupter
        var descriptors = [
            pollfd(fd: PQsocket(opened), events: Int16(events), revents: 0),
            pollfd(fd: isWaitingForCancel ? -1 : interrupter.readable, events: Int16(POLLIN), revents: 0),
        ]
        let milliseconds = deadline.map { Int32(max(0, ($0 - .now) / .milliseconds(1)).rounded(.up)) } ?? -1
        _ = Foundation.poll(&descriptors, 2, milliseconds)
        return descriptors[0].revents != 0
    }
}

/// Notices (`NOTICE: relation exists`) go nowhere: libpq would write them to standard error.
private nonisolated let ignoreNotice: @convention(c) (UnsafeMutableRawPointer?, OpaquePointer?) -> Void = { _, _ in }
