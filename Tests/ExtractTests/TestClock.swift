import RetailAPI
import Synchronization

/// A clock that goes forward only by what is waited for (and one millisecond with each look), so that no test waits.
/// What happens during a wait is the test's to say.
final class TestClock: Sendable {
    /// Called at each wait with its number, from 1; may suspend, and may throw what ends the wait.
    typealias OnWait = @Sendable (_ number: Int) async throws -> Void

    private struct State {
        var nowMicroseconds: Int64
        var waits: [Int] = []
        var random: UInt64 = 1
        var onWait: OnWait?
    }

    private let state: Mutex<State>

    init(nowMicroseconds: Int64 = 1_764_000_000_000_000) {
        state = Mutex(State(nowMicroseconds: nowMicroseconds))
    }

    /// The time now, without a look at it moving it on; may be set back.
    var nowMicroseconds: Int64 {
        get { state.withLock { $0.nowMicroseconds } }
        set { state.withLock { $0.nowMicroseconds = newValue } }
    }

    /// All waits so far, in milliseconds.
    var waits: [Int] { state.withLock { $0.waits } }

    /// What happens during each wait from now on; their counting begins anew.
    func onWait(_ action: @escaping OnWait) {
        state.withLock { state in
            state.waits = []
            state.onWait = action
        }
    }

    /// The clock as the program takes it.
    var clock: APIClock {
        APIClock(
            nowMicroseconds: {
                self.state.withLock { state in
                    state.nowMicroseconds += 1_000
                    return state.nowMicroseconds
                }
            },
            sleep: { milliseconds in
                let (number, action) = self.state.withLock { state in
                    state.waits.append(milliseconds)
                    state.nowMicroseconds += Int64(milliseconds) * 1_000
                    return (state.waits.count, state.onWait)
                }
                try await action?(number)
                try Task.checkCancellation()
            },
            random: {
                self.state.withLock { state in
                    state.random = state.random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    return Double(state.random >> 11) / Double(1 << 53)
                }
            })
    }
}

/// Sets `done`, and suspends until the task is cancelled.
func finish(_ done: Signal) async throws {
    done.set()
    try await untilCancelled()
}

/// Suspends until the task is cancelled, then throws.
func untilCancelled() async throws {
    let (nothing, _) = AsyncStream.makeStream(of: Never.self)
    for await _ in nothing {}
    throw CancellationError()
}
