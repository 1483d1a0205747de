internal import Synchronization

/// What one producer leaves to the next.
struct SessionMemory: Sendable {
    /// The key of the cursor, once it is decided.
    var cursorKey: String?
    /// The cursor that was there when the last producer took over.
    var found: ExtractCursor?
    /// The cursor that the last producer worked on from, and one whose commit may have happened.
    var committed: ExtractCursor?
    var pending: ExtractCursor?
    /// What is waited for between two of them.
    var wait: OutageWait
    /// How often extraction has begun anew.
    var sessions = 0
    /// What all before have done.
    var report = ExtractReport()

    /// Whether a cursor is one that these producers met or may have written. The last producer works on from one that is
    /// not written before its first commit.
    func mayHaveLeft(_ cursor: ExtractCursor) -> Bool { [found, committed, pending].contains(cursor) }
}

/// Says that extraction is to end.
final class StopFlag: Sendable {
    private let flag = Atomic<Bool>(false)

    var isSet: Bool { flag.load(ordering: .acquiring) }

    func set() { flag.store(true, ordering: .releasing) }
}
