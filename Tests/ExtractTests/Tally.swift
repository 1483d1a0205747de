import Synchronization

/// A count that a task can wait for.
final class Tally: Sendable {
    private let count = Mutex(0)
    private let goal: Int
    private let isReached = Signal()

    init(goal: Int) { self.goal = goal }

    func add(_ more: Int) {
        let isThere = count.withLock { count in
            count += more
            return count >= goal
        }
        if isThere { isReached.set() }
    }

    /// Waits until the count has come to the goal.
    func wait() async { await isReached.wait() }
}
