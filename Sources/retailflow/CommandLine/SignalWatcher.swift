import Dispatch
import Foundation
import Synchronization

/// SIGINT and SIGTERM as an asynchronous sequence, so that the first one can end a command in good order. The second
/// one ends the process at once.
final class SignalWatcher: Sendable {
    /// The signals that came; only the first is ever seen, because the second ends the process.
    let signals: AsyncStream<Int32>

    private let first = Mutex<Int32?>(nil)
    private let continuation: AsyncStream<Int32>.Continuation
    // Set up once before the watcher is shared and only kept alive from then on: nothing reads it.
    nonisolated(unsafe) private var sources: [any DispatchSourceSignal] = []

    /// Watches from now on; the signals' own effect is switched off for the process.
    init() {
        (signals, continuation) = AsyncStream.makeStream()
        let queue = DispatchQueue(label: "retailflow.signals")
        sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { [weak self] in self?.came(number) }
            source.activate()
            return source
        }
    }

    deinit {
        for source in sources { source.cancel() }
    }

    /// The signal that came, if one did.
    var received: Int32? { first.withLock { $0 } }

    private func came(_ number: Int32) {
        let isSecond = first.withLock { first in
            defer { first = first ?? number }
            return first != nil
        }
        // Without flushing and exit handlers: whoever asks twice means now, and a kill at any moment does no harm.
        if isSecond { _exit(128 + number) }
        continuation.yield(number)
    }

    /// Runs a body in a task that the first signal cancels.
    func run<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body() }
            group.addTask { [signals] in
                for await _ in signals { break }
                return nil
            }
            while let result = try await group.next() {
                // Either the body is done and the wait for a signal can end, or the signal came and the body must.
                group.cancelAll()
                if let result { return result }
            }
            throw CancellationError()
        }
    }
}
