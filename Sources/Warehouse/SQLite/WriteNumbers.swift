internal import SQLite
internal import Synchronization

/// Which writes were begun, and which of them were asked to end: an interrupt concerns those that wait in the queue as
/// well as the one that runs, and none that comes later.
final class WriteNumbers: Sendable {
    private struct State {
        var begun = 0
        var interruptedUpTo = 0
    }

    private let state = Mutex(State())

    /// The number of a write that begins.
    func begin() -> Int {
        state.withLock { state in
            state.begun += 1
            return state.begun
        }
    }

    /// Ends all that were begun.
    func interrupt(_ interrupters: Interrupter...) {
        state.withLock { state in
            state.interruptedUpTo = state.begun
            for interrupter in interrupters { interrupter.interrupt() }
        }
    }

    /// Lets a connection work for a write that was not asked to end, or for something that is no write.
    ///
    /// - Throws: `SQLiteError` with `.interrupted` for the others.
    func admit(_ number: Int?, _ interrupter: Interrupter) throws {
        state.withLock { state in
            if number ?? .max > state.interruptedUpTo { interrupter.clear() }
        }
        try interrupter.check()
    }
}
