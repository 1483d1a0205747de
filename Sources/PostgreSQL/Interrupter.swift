internal import Foundation
internal import Synchronization

/// Ends what a connection is doing, from any thread, and lets it do nothing more until it is cleared.
///
/// The request itself only leaves a flag and wakes the thread that waits for the server, which then asks the server to
/// cancel: so it returns at once, even when the server does not answer.
package final class Interrupter: Sendable {
    private let isRequested = Atomic<Bool>(false)
    /// Readable while an interrupt is asked for.
    let readable: Int32
    private let writable: Int32

    /// An interrupter of no connection yet; of one connection at a time.
    package init() {
        var ends: [Int32] = [-1, -1]
        // Without descriptors left the flag alone tells: it is looked at before and after every statement.
        if pipe(&ends) == 0 {
            for end in ends {
                _ = fcntl(end, F_SETFD, FD_CLOEXEC)
                _ = fcntl(end, F_SETFL, O_NONBLOCK)
            }
        }
        (readable, writable) = (ends[0], ends[1])
    }

    deinit {
        if readable >= 0 { close(readable) }
        if writable >= 0 { close(writable) }
    }

    /// Whether it was asked to, and not cleared since.
    package var isInterrupted: Bool { isRequested.load(ordering: .acquiring) }

    /// Ends the running statement, or the next one before it begins.
    package func interrupt() {
        isRequested.store(true, ordering: .releasing)
        var byte: UInt8 = 1
        _ = write(writable, &byte, 1)
    }

    /// Lets the connection work again.
    package func clear() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while read(readable, &bytes, bytes.count) > 0 {}
        isRequested.store(false, ordering: .releasing)
    }

    /// - Throws: `PostgreSQLError` with `.canceled` when it was asked to end.
    package func check() throws(PostgreSQLError) {
        guard isInterrupted else { return }
        throw PostgreSQLError(.canceled, message: "interrupted", operation: "between statements", place: "")
    }
}
