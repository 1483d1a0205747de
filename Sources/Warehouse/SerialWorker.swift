internal import Dispatch
internal import Synchronization

/// A private serial queue that owns a state which only its jobs may touch.
///
/// Blocking database calls live here, so that neither Swift's cooperative pool nor the Kafka thread waits for a disk.
/// A job's result can be awaited (`perform`) or waited for by a thread that may block (`submit`, then `wait`).
// Right: `state` is touched only by jobs on the serial queue, one after another.
package final class SerialWorker<State>: @unchecked Sendable {
    private let queue: DispatchQueue
    // Optional so that it is never without size: a field without size has the object's own address, and ThreadSanitizer
    // would take a job that may change it for a race with a call of the object's methods.
    private var state: State?

    /// - Parameters:
    ///   - label: names the queue in a debugger.
    ///   - state: handed over; the caller keeps no other reference to what it holds.
    package init(label: String, state: sending State) {
        queue = DispatchQueue(label: label)
        self.state = state
    }

    /// Queues a job and returns at once.
    package func submit<Result: Sendable>(
        _ job: @escaping @Sendable (inout State) throws -> Result
    ) -> Pending<Result> {
        let pending = Pending<Result>()
        queue.async { pending.fulfil(.init { try job(&self.state!) }) }
        return pending
    }

    /// Runs a job and suspends, without blocking a thread of the caller, until it has finished.
    package func perform<Result: Sendable>(
        _ job: @escaping @Sendable (inout State) throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: .init { try job(&self.state!) }) }
        }
    }
}

/// The result of a job that may still be running.
package final class Pending<Value: Sendable>: Sendable {
    private let result = Mutex<Result<Value, any Error>?>(nil)
    private let done = DispatchSemaphore(value: 0)

    func fulfil(_ value: Result<Value, any Error>) {
        result.withLock { $0 = value }
        done.signal()
    }

    /// Blocks the calling thread until the job has finished; throws what the job threw.
    package func wait() throws -> Value {
        guard let value = wait(untilNanoseconds: nil) else { preconditionFailure("an endless wait has ended") }
        return try value.get()
    }

    /// Blocks for so long at most; nil when the job is still running.
    package func wait(milliseconds: Int) -> Result<Value, any Error>? {
        wait(untilNanoseconds: DispatchTime.now().uptimeNanoseconds + UInt64(max(0, milliseconds)) * 1_000_000)
    }

    /// Blocks until the job has finished or the uptime has come; nil when the job is still running.
    package func wait(untilNanoseconds deadline: UInt64?) -> Result<Value, any Error>? {
        let time = deadline.map { DispatchTime(uptimeNanoseconds: $0) } ?? .distantFuture
        guard done.wait(timeout: time) == .success else { return nil }
        done.signal()  // whoever waits next finds it done as well
        return result.withLock { $0 }
    }
}
