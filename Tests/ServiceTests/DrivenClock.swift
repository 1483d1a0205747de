import Retail
import Service
import Synchronization

/// A clock that stands still but for sleeps, which take no time, and ends what goes on beyond its last moment.
final class DrivenClock: Sendable {
    private let state: Mutex<(now: Int64, slept: [Int])>
    private let end: Int64

    /// - Parameters:
    ///   - begin, end: `YYYY-MM-DD HH:MM:SS` in UTC.
    init(from begin: String, to end: String) {
        state = Mutex((microseconds(begin), []))
        self.end = microseconds(end)
    }

    var now: Int64 { state.withLock { $0.now } }

    /// The waits so far, in milliseconds.
    var slept: [Int] { state.withLock { $0.slept } }

    /// Sets the clock, as an operator or a machine that wakes does.
    func set(_ text: String) { state.withLock { $0.now = microseconds(text) } }

    /// Work that takes so long.
    func pass(seconds: Int) { state.withLock { $0.now += Int64(seconds) * 1_000_000 } }

    var clock: ServiceClock {
        ServiceClock(
            now: { self.now },
            sleep: { milliseconds in
                let now = self.state.withLock { state in
                    state.now += Int64(milliseconds) * 1_000
                    state.slept.append(milliseconds)
                    return state.now
                }
                if now > self.end { throw CancellationError() }
            }, runLater: { _, _ in })
    }
}

/// Microseconds of UTC of `YYYY-MM-DD HH:MM:SS`.
func microseconds(_ text: String) -> Int64 { (CivilTime.seconds(of: text) ?? .min / 1_000_000) * 1_000_000 }

/// The inverse.
func text(_ microseconds: Int64) -> String { CivilTime.text(of: microseconds / 1_000_000) }
