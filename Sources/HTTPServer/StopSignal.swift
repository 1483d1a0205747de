internal import Glibc
internal import Synchronization

/// Tells every thread that holds a connection open that the server stops.
///
/// A pipe whose writing end is closed: the reading end then reports a hang-up to all who wait, for ever.
final class StopSignal: Sendable {
    private let readingEnd: Int32
    private let writingEnd: Mutex<Int32?>

    /// Nil if the process has no descriptor left.
    init?() {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        readingEnd = ends[0]
        writingEnd = Mutex(ends[1])
    }

    deinit {
        raise()
        close(readingEnd)
    }

    func raise() {
        writingEnd.withLock { end in
            if let end { close(end) }
            end = nil
        }
    }

    /// Waits until the signal is raised, the other side of the socket is gone, or so many milliseconds passed.
    func wait(orHangUpOf socket: Int32, millisecondsMax: Int) {
        var watched = [
            pollfd(fd: readingEnd, events: 0, revents: 0),
            pollfd(fd: socket, events: Self.peerClosed, revents: 0),
        ]
        let timeout = Int32(clamping: max(0, millisecondsMax))
        while poll(&watched, nfds_t(watched.count), timeout) < 0, errno == EINTR {}
    }

    /// `POLLRDHUP`, which the C module hides behind a feature macro.
    private static let peerClosed: Int16 = 0x2000
}
