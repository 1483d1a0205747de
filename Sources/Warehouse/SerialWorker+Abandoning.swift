internal import Synchronization

extension SerialWorker {
    /// As `perform`, except that a cancelled task does not wait for the job: that goes on alone, and what it returns or
    /// throws is dropped.
    package func performAbandoning<Result: Sendable>(
        _ job: @escaping @Sendable (inout State) throws -> Result
    ) async throws -> Result {
        let answer = Answer<Result>()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                answer.wait(continuation)
                _ = submit { state in answer.give(.init { try job(&state) }) }
            }
        } onCancel: {
            answer.give(.failure(CancellationError()))
        }
    }
}

/// The first answer given is the one.
private final class Answer<Value: Sendable>: Sendable {
    private struct State {
        var continuation: CheckedContinuation<Value, any Error>?
        var early: Result<Value, any Error>?
        var isGiven = false
    }

    private let state = Mutex(State())

    func wait(_ continuation: CheckedContinuation<Value, any Error>) {
        let early = state.withLock { state in
            if state.early == nil { state.continuation = continuation }
            return state.early
        }
        if let early { continuation.resume(with: early) }
    }

    func give(_ value: Result<Value, any Error>) {
        let waiting = state.withLock { state -> CheckedContinuation<Value, any Error>? in
            guard !state.isGiven else { return nil }
            state.isGiven = true
            if state.continuation == nil { state.early = value }
            defer { state.continuation = nil }
            return state.continuation
        }
        waiting?.resume(with: value)
    }
}
