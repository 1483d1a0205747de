internal import CSQLite

/// How long a connection waits for another one's lock: as `sqlite3_busy_timeout` does, but ended by an interrupt.
final class LockWait: Sendable {
    private let timeoutMilliseconds: Int32
    private let interrupter: Interrupter
    private static let pauses: [Int32] = [1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50]
    private static let longestPause: Int32 = 100

    init(timeoutMilliseconds: Int32, interrupter: Interrupter) {
        self.timeoutMilliseconds = timeoutMilliseconds
        self.interrupter = interrupter
    }

    /// Waits once more; false when it has been long enough.
    fileprivate func wait(before count: Int32) -> Bool {
        let known = Int32(LockWait.pauses.count)
        let pause = count < known ? LockWait.pauses[Int(count)] : LockWait.longestPause
        let waited = LockWait.pauses.prefix(Int(count)).reduce(0, +) + max(0, count - known) * LockWait.longestPause
        guard !interrupter.isInterrupted, waited < timeoutMilliseconds else { return false }
        sqlite3_sleep(min(pause, timeoutMilliseconds - waited))
        return true
    }
}

/// `sqlite3_busy_handler`'s callback; its context is the connection's `LockWait`.
nonisolated let lockWaitCallback: @convention(c) (UnsafeMutableRawPointer?, Int32) -> Int32 = { context, count in
    guard let context else { return 0 }
    return Unmanaged<LockWait>.fromOpaque(context).takeUnretainedValue().wait(before: count) ? 1 : 0
}
