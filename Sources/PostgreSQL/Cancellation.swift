internal import CPostgreSQL
internal import Foundation

/// The right to ask the server to cancel what one connection runs (`PGcancel *`).
// Right: `PQcancel` may be called from any thread, and nothing changes the object between its making and its end.
final class Cancellation: @unchecked Sendable {
    private let handle: OpaquePointer
    private let done = DispatchSemaphore(value: 0)

    /// nil when the connection is not open.
    init?(of connection: OpaquePointer) {
        guard let handle = PQgetCancel(connection) else { return nil }
        self.handle = handle
    }

    deinit { PQfreeCancel(handle) }

    /// Asks on a thread of its own: the request goes through a connection of its own, whose server may not answer.
    func request() {
        Thread.detachNewThread {
            var message = [CChar](repeating: 0, count: 256)
            // Refused: nothing ran any more. Then the connection's own answer is on its way.
            _ = PQcancel(self.handle, &message, Int32(message.count))
            self.done.signal()
        }
    }

    /// Waits until the server has taken the request, so that it can't hit the next statement; false when it has not.
    func wait(milliseconds: Int) -> Bool { done.wait(timeout: .now() + .milliseconds(milliseconds)) == .success }
}
