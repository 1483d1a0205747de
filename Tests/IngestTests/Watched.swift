import Synchronization

/// A value that many threads change, and a test waits for.
final class Watched<Value: Sendable>: Sendable {
    private struct Waiter {
        let number: Int
        let condition: @Sendable (Value) -> Bool
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var value: Value
        var waiters: [Waiter] = []
        var waits = 0
    }

    private let state: Mutex<State>

    init(_ value: Value) { state = Mutex(State(value: value)) }

    var value: Value { state.withLock { $0.value } }

    func update(_ change: (inout Value) -> Void) {
        let due = state.withLock { state in
            change(&state.value)
            let value = state.value
            let due = state.waiters.filter { $0.condition(value) }
            state.waiters.removeAll { $0.condition(value) }
            return due
        }
        for waiter in due { waiter.continuation.resume() }
    }

    /// Returns once the value is as wanted; the suite's time limit is the only one.
    ///
    /// - Throws: `CancellationError` when what would change the value has ended.
    func wait(until condition: @escaping @Sendable (Value) -> Bool) async throws {
        let number = state.withLock { state in
            state.waits += 1
            return state.waits
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let answer: Result<Void, any Error>? = state.withLock { state in
                    if condition(state.value) { return .success(()) }
                    if Task.isCancelled { return .failure(CancellationError()) }
                    state.waiters.append(Waiter(number: number, condition: condition, continuation: continuation))
                    return nil
                }
                if let answer { continuation.resume(with: answer) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                let index = state.waiters.firstIndex { $0.number == number }
                return index.map { state.waiters.remove(at: $0) }
            }
            waiter?.continuation.resume(throwing: CancellationError())
        }
    }
}

/// Runs `body` beside an ingestion that `body` itself ends, and gives back the ingestion's report. When either of them
/// throws the other is not waited for in vain.
func during<Value: Sendable>(
    _ ingestion: @escaping @Sendable () async throws -> Value, _ body: @escaping @Sendable () async throws -> Void
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await ingestion() }
        group.addTask {
            try await body()
            return nil
        }
        var value: Value?
        for try await result in group { value = result ?? value }
        guard let value else { throw CancellationError() }
        return value
    }
}
