package import Retail
internal import Synchronization

/// A clock that moves on by one second whenever it is read: whatever is written anew shows by its date.
package final class TestClock: Sendable {
    private let microseconds: Mutex<Int64>

    /// - Parameter start: microseconds of UTC; by default 2023-11-14T22:13:20Z.
    package init(start: Int64 = 1_700_000_000_000_000) {
        microseconds = Mutex(start)
    }

    /// The clock as the warehouse takes it.
    package var wallClock: WallClock {
        { [self] in
            microseconds.withLock { now in
                now += 1_000_000
                return now
            }
        }
    }
}
