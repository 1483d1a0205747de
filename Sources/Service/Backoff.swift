/// Waits that double from one second up to five minutes.
package struct Backoff: Sendable {
    /// The longest wait.
    package static let millisecondsMax = 300_000
    private static let millisecondsMin = 1_000
    private var milliseconds = Backoff.millisecondsMin

    /// The first wait is the shortest.
    package init() {}

    /// How long to wait this time, in milliseconds.
    package mutating func next() -> Int {
        defer { milliseconds = min(2 * milliseconds, Backoff.millisecondsMax) }
        return milliseconds
    }

    /// The next wait is the shortest again.
    package mutating func reset() { self = Backoff() }
}
