import Synchronization

/// Holds extraction back so that it never runs more than so many bytes ahead of ingestion: the embedded broker forgets
/// what it can't keep.
final class FlowGate: Sendable {
    private struct State {
        var outstanding = 0
        var waiter: CheckedContinuation<Void, Never>?
        var isOpen = false
    }

    private let bytesMax: Int
    private let state = Mutex(State())

    init(bytesMax: Int) { self.bytesMax = bytesMax }

    /// Waits until so many bytes may be published; one caller at a time.
    func willPublish(_ bytes: Int) async throws {
        try await wait { state in
            // Below 0 when records came that nobody announced, such as those of an aborted transaction.
            guard state.isOpen || state.outstanding <= 0 || state.outstanding + bytes <= self.bytesMax else {
                return false
            }
            state.outstanding += bytes
            return true
        }
    }

    /// Waits until all that was published is ingested.
    func drained() async throws { try await wait { $0.isOpen || $0.outstanding <= 0 } }

    /// Takes ingested bytes off.
    func didIngest(_ bytes: Int) { wake { $0.outstanding -= bytes } }

    /// Lets everybody through, because nobody ingests any more.
    func open() { wake { $0.isOpen = true } }

    private func wait(until condition: @escaping @Sendable (inout State) -> Bool) async throws {
        while true {
            try Task.checkCancellation()
            if state.withLock({ condition(&$0) }) { return }
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let mayTry = state.withLock { state in
                        if Task.isCancelled || state.isOpen || state.outstanding <= 0 { return true }
                        state.waiter = continuation
                        return false
                    }
                    if mayTry { continuation.resume() }
                }
            } onCancel: {
                wake { _ in }
            }
        }
    }

    private func wake(_ change: (inout State) -> Void) {
        let waiter = state.withLock { state in
            change(&state)
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }
}
