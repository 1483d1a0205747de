internal import Glibc

/// A connection on which nothing is answered.
enum HeldConnection {
    /// `POLLRDHUP`, which the C module hides behind a feature macro.
    private static let peerClosed: Int16 = 0x2000

    /// Waits until the socket is closed, by the client or by a server that stops (which shuts it down), or so many
    /// milliseconds passed.
    static func wait(forEndOf socket: Int32, millisecondsMax: Int) {
        guard socket >= 0 else { return }
        var watched = pollfd(fd: socket, events: peerClosed, revents: 0)
        while poll(&watched, 1, Int32(clamping: max(0, millisecondsMax))) < 0, errno == EINTR {}
    }
}
