import Dispatch

/// Closed until somebody opens it, then open for ever.
final class Gate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    func open() { semaphore.signal() }

    /// Waits until it is open.
    func pass() {
        semaphore.wait()
        semaphore.signal()
    }
}
