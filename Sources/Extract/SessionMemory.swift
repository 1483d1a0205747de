internal import Synchronization

/// What one producer leaves to the next.
struct SessionMemory: Sendable {
    /// The key of the cursor, once it is decided.
    var cursorKey: String?
    /// The cursor that was committed last, and one whose commit may have happened.
    var committed: ExtractCursor?
    var pending: ExtractCursor?
    /// What is waited for between two of them.
    var wait: OutageWait
    /// How often extraction has begun anew.
    var sessions = 0
    /// What all before have done.
    var report = ExtractReport()
}

/// Says that extraction is to end.
final class StopFlag: Sendable {
    private let flag = Atomic<Bool>(false)

    var isSet: Bool { flag.load(ordering: .acquiring) }

    func set() { flag.store(true, ordering: .releasing) }
}
