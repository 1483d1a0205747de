internal import PostgreSQL
internal import Synchronization

/// Which writes were begun, and which of them were asked to end: an interrupt concerns those that wait in the queue as
/// well as the one that runs, and none that comes later.
final class WriteTickets: Sendable {
    private struct State {
        var begun = 0
        var interruptedUpTo = 0
    }

    private let state = Mutex(State())
    private let interrupter: Interrupter

    /// - Parameter interrupter: of the connection that writes.
    init(_ interrupter: Interrupter) { self.interrupter = interrupter }

    /// The number of a write that begins.
    func begin() -> Int {
        state.withLock { state in
            state.begun += 1
            return state.begun
        }
    }

    /// Ends all that were begun.
    func interrupt() {
        state.withLock { state in
            state.interruptedUpTo = state.begun
            interrupter.interrupt()
        }
    }

    /// Lets the connection work for a write that was not asked to end, or (nil) for something that is no write.
    ///
    /// - Throws: `PostgreSQLError` with `.canceled` for the others.
    func admit(_ number: Int?) throws {
        state.withLock { state in
            if number ?? .max > state.interruptedUpTo { interrupter.clear() }
        }
        try interrupter.check()
    }
}
