import Synchronization

/// Keeps what is written to it.
final class Lines: Sendable {
    private let texts = Mutex<[String]>([])

    var all: [String] { texts.withLock { $0 } }

    var write: @Sendable (String) -> Void {
        { text in self.texts.withLock { $0.append(text) } }
    }
}

/// A clock that a test sets, in microseconds.
final class SetClock: Sendable {
    private let value: Mutex<Int64>

    init(_ start: Int64) { value = Mutex(start) }

    var read: @Sendable () -> Int64 {
        { self.value.withLock { $0 } }
    }

    func advance(milliseconds: Int64) { value.withLock { $0 += milliseconds * 1_000 } }
}
