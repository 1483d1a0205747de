import CRdKafka
import Synchronization

/// The reports that one call waits for. Each of its records carries the address of a slot here.
final class DeliveryReports: Sendable {
    typealias Outcome = Result<Delivery, KafkaError>

    struct Slot {
        var reports: Unmanaged<DeliveryReports>
        var index: Int
    }

    private struct State {
        var outcomes: [Outcome?]
        var missing: Int
        var waiting: CheckedContinuation<[Outcome], Never>?
    }

    private let state: Mutex<State>
    // Right: written in `init`, then only read; freed when the last report is in, for which the caller waits.
    nonisolated(unsafe) private let slots: UnsafeMutableBufferPointer<Slot>

    init(count: Int) {
        state = Mutex(State(outcomes: Array(repeating: nil, count: count), missing: count))
        slots = .allocate(capacity: count)
        for index in 0..<count {
            slots.initializeElement(at: index, to: Slot(reports: .passUnretained(self), index: index))
        }
    }

    deinit {
        slots.deallocate()
    }

    /// What record `index` carries.
    func opaque(_ index: Int) -> UnsafeMutableRawPointer? {
        slots.baseAddress.map { UnsafeMutableRawPointer($0 + index) }
    }

    /// Files the report of the record that carried `opaque`.
    static func report(_ outcome: Outcome, for opaque: UnsafeMutableRawPointer) {
        let slot = opaque.assumingMemoryBound(to: Slot.self).pointee
        slot.reports.takeUnretainedValue().report(outcome, index: slot.index)
    }

    func report(_ outcome: Outcome, index: Int) {
        let done: (CheckedContinuation<[Outcome], Never>, [Outcome])? = state.withLock { state in
            state.outcomes[index] = outcome
            state.missing -= 1
            guard state.missing == 0, let waiting = state.waiting else { return nil }
            state.waiting = nil
            return (waiting, state.outcomes.compactMap(\.self))
        }
        done?.0.resume(returning: done?.1 ?? [])
    }

    /// Waits for all. The one who calls keeps this alive until then.
    func all() async -> [Outcome] {
        await withCheckedContinuation { continuation in
            let done: [Outcome]? = state.withLock { state in
                if state.missing == 0 { return state.outcomes.compactMap(\.self) }
                state.waiting = continuation
                return nil
            }
            if let done { continuation.resume(returning: done) }
        }
    }
}
