internal import Kafka
internal import Synchronization

/// Asks a running ingestion to finish the batch in hand, commit it and end; from any thread, at any time.
package final class StopSignal: Sendable {
    private struct State {
        var isStopped = false
        var waker: ConsumerWaker?
    }

    private let state = Mutex(State())

    package init() {}

    /// Whether somebody asked to stop.
    package var isStopped: Bool { state.withLock { $0.isStopped } }

    package func stop() {
        let waker = state.withLock { state in
            state.isStopped = true
            return state.waker
        }
        waker?.wake()
    }

    /// Names what waits for records, so that a stop need not wait for it.
    func attach(_ waker: ConsumerWaker) { state.withLock { $0.waker = waker } }
}
