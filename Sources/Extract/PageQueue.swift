internal import Synchronization

/// A queue with a limit between one task that fetches and one that publishes.
///
/// The sender is suspended while it is full, the receiver while it is empty; `finish` ends it for both.
final class PageQueue<Element: Sendable>: Sendable {
    private struct State {
        var elements: [Element] = []
        var isFinished = false
        var sender: CheckedContinuation<Void, Never>?
        var receiver: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())
    private let elementsMax: Int

    init(elementsMax: Int) { self.elementsMax = elementsMax }

    /// Puts an element at the end as soon as there is room; false when the queue was finished.
    func send(_ element: Element) async -> Bool {
        while true {
            let (isDone, isSent, receiver) = state.withLock { state in
                if state.isFinished { return (true, false, nil as CheckedContinuation<Void, Never>?) }
                guard state.elements.count < elementsMax else { return (false, false, nil) }
                state.elements.append(element)
                defer { state.receiver = nil }
                return (true, true, state.receiver)
            }
            receiver?.resume()
            if isDone { return isSent }
            await withCheckedContinuation { continuation in
                let mayGoOn = state.withLock { state in
                    if state.isFinished || state.elements.count < elementsMax { return true }
                    state.sender = continuation
                    return false
                }
                if mayGoOn { continuation.resume() }
            }
        }
    }

    /// All elements that are there, at least one, in order and no more than `max`; nil when the queue is finished and
    /// empty.
    func receive(max: Int) async -> [Element]? {
        while true {
            let (taken, isFinished, sender) = state.withLock { state in
                let taken = Array(state.elements.prefix(max))
                state.elements.removeFirst(taken.count)
                defer { state.sender = nil }
                return (taken, state.isFinished, state.sender)
            }
            sender?.resume()
            if !taken.isEmpty { return taken }
            if isFinished { return nil }
            await withCheckedContinuation { continuation in
                let mayGoOn = state.withLock { state in
                    if state.isFinished || !state.elements.isEmpty { return true }
                    state.receiver = continuation
                    return false
                }
                if mayGoOn { continuation.resume() }
            }
        }
    }

    /// Nothing more will come; what is there may still be received.
    func finish() {
        let waiting = state.withLock { state in
            state.isFinished = true
            defer { (state.sender, state.receiver) = (nil, nil) }
            return [state.sender, state.receiver]
        }
        for continuation in waiting { continuation?.resume() }
    }
}
