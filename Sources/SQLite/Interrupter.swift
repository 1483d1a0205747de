internal import CSQLite
internal import Synchronization

/// Ends what a connection is doing, from any thread.
///
/// SQLite's own interrupt reaches the statement that runs at that moment and nothing else: not the wait for another
/// connection's lock, and not the next of a thousand short statements. So it leaves a flag as well, which the wait looks
/// at, and which whoever runs many statements asks for with `check`.
package final class Interrupter: Sendable {
    // Right: `sqlite3_interrupt` may be called from any thread while the connection is open, and the mutex holds closing
    // back meanwhile.
    private struct Connection: @unchecked Sendable {
        let handle: OpaquePointer
    }

    private let connection = Mutex<Connection?>(nil)
    private let isRequested = Atomic<Bool>(false)

    /// An interrupter of no connection yet.
    package init() {}

    /// Whether it was asked to, and not cleared since.
    package var isInterrupted: Bool { isRequested.load(ordering: .acquiring) }

    /// Ends the running statement (`sqlite3_interrupt`), the waiting for a lock, and what asks `check`.
    package func interrupt() {
        isRequested.store(true, ordering: .releasing)
        connection.withLock { if let connection = $0 { sqlite3_interrupt(connection.handle) } }
    }

    /// Lets the connection work again.
    package func clear() { isRequested.store(false, ordering: .releasing) }

    /// - Throws: `SQLiteError` with `.interrupted` when it was asked to end.
    package func check() throws(SQLiteError) {
        guard isInterrupted else { return }
        throw SQLiteError(
            code: .interrupted, extendedCode: SQLITE_INTERRUPT, message: "interrupted", operation: "between statements",
            path: "")
    }

    func attach(_ handle: OpaquePointer) { connection.withLock { $0 = Connection(handle: handle) } }

    func detach() { connection.withLock { $0 = nil } }
}
