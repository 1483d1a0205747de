internal import Synchronization

/// How the parts of a service are, for those who ask.
package final class PartBoard: Sendable {
    /// What a part does.
    package enum State: Sendable, Hashable {
        /// It has not done anything yet.
        case starting
        case working
        /// It tries again by itself.
        case waiting(reason: String)
        /// It was asked to end, and finishes what it has in hand.
        case stopping
        /// It ended when it was asked to.
        case ended
        /// It ended by itself, for a reason that no waiting mends.
        case stopped(reason: String)

        /// A word for it.
        package var word: String {
            switch self {
            case .starting: "starting"
            case .working: "working"
            case .waiting: "waiting"
            case .stopping: "stopping"
            case .ended: "ended"
            case .stopped: "stopped"
            }
        }

        /// Why it does not work.
        package var reason: String? {
            switch self {
            case .waiting(let reason), .stopped(let reason): reason
            case .starting, .working, .stopping, .ended: nil
            }
        }

        /// Whether the part has come to its end.
        var isOver: Bool {
            switch self {
            case .ended, .stopped: true
            case .starting, .working, .waiting, .stopping: false
            }
        }
    }

    /// One part.
    package struct Entry: Sendable, Hashable {
        package let part: String
        package internal(set) var state: State
        /// Since when it is so, in microseconds of UTC; another reason for the same is no change.
        package internal(set) var since: Int64
    }

    private let clock: @Sendable () -> Int64
    private let all: Mutex<[Entry]>

    /// - Parameter clock: microseconds of UTC.
    package init(_ parts: [String], clock: @escaping @Sendable () -> Int64) {
        self.clock = clock
        let now = clock()
        all = Mutex(parts.map { Entry(part: $0, state: .starting, since: now) })
    }

    /// The parts, in their order.
    package var entries: [Entry] { all.withLock { $0 } }

    /// Whether all parts work.
    package var isReady: Bool { entries.allSatisfy { $0.state == .working } }

    /// Notes what a part does. Nothing is noted of one that is over, and one that is stopping only comes to its end.
    func set(_ part: String, _ state: State) {
        let now = clock()
        all.withLock { entries in
            guard let index = entries.firstIndex(where: { $0.part == part }) else { return }
            let present = entries[index].state
            if present.isOver || (present == .stopping && !state.isOver) { return }
            if present.word != state.word { entries[index].since = now }
            entries[index].state = state
        }
    }

    /// All parts were asked to end.
    func stopAll() { for entry in entries { set(entry.part, .stopping) } }
}
