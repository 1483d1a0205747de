import Dispatch
import Foundation
import Synchronization

/// The write end of the pipe that carries signals from their handler; -1: there is none.
private let signalPipe = Atomic<Int32>(-1)

/// The handler, which may do next to nothing: it runs between any two instructions of any thread.
private func noteSignal(_ number: Int32) {
    let savedError = errno
    var byte = UInt8(truncatingIfNeeded: number)
    _ = write(signalPipe.load(ordering: .relaxed), &byte, 1)
    errno = savedError
}

/// SIGINT and SIGTERM as an asynchronous sequence, so that the first one can end a command in good order. The second
/// one ends the process at once. One watcher a process.
///
/// A handler and a pipe, and not a signal source of Dispatch over ignored signals: on Linux the kernel may drop an
/// ignored signal before the source sees it (two of three SIGTERM to a small program were lost), and one that comes
/// before the source's late registration always is.
final class SignalWatcher: Sendable {
    /// The signals that came; only the first is ever seen, because the second ends the process.
    let signals: AsyncStream<Int32>

    private let first = Mutex<Int32?>(nil)
    private let continuation: AsyncStream<Int32>.Continuation
    // Right: set once in `init`, before the watcher is shared, and only kept alive from then on.
    nonisolated(unsafe) private var source: (any DispatchSourceRead)?

    /// Watches from now on. Without a pipe (no descriptors are left) signals keep their own effect.
    init() {
        (signals, continuation) = AsyncStream.makeStream()
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        let readEnd = ends[0]
        let source = DispatchSource.makeReadSource(
            fileDescriptor: readEnd, queue: DispatchQueue(label: "retailflow.signals"))
        source.setEventHandler { [weak self] in
            var number: UInt8 = 0
            while read(readEnd, &number, 1) == 1 { self?.came(Int32(number)) }
        }
        source.activate()
        self.source = source
        signalPipe.store(ends[1], ordering: .relaxed)
        for number in [SIGINT, SIGTERM] { signal(number, noteSignal) }
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
