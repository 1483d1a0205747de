internal import Synchronization

/// Standard error as log lines and a progress line share it: a log line never lands in the middle of the progress
/// line, which is taken away for it and drawn again beneath.
package final class StatusStream: Sendable {
    private struct State {
        var status = ""
    }

    private let state = Mutex(State())
    private let write: @Sendable (String) -> Void

    /// Makes a stream over what takes texts; a text of several lines must not be torn apart there.
    package init(write: @escaping @Sendable (String) -> Void) {
        self.write = write
    }

    /// Writes whole lines, each with its newline.
    ///
    /// The lock is held while writing: it is what keeps lines of several threads apart.
    package func writeLines(_ lines: String) {
        state.withLock { state in
            write(state.status.isEmpty ? lines : Self.clear + lines + state.status)
        }
    }

    /// Shows a progress line in place of the last; an empty one takes it away. For terminals only.
    package func show(status: String) {
        state.withLock { state in
            guard status != state.status else { return }
            state.status = status
            write(Self.clear + status)
        }
    }

    /// Back to the first column, and clear to the end of the line.
    private static let clear = "\r\u{1B}[K"
}
