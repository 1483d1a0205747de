/// Finds which snapshots of a catalogue are still to be merged.
enum UnmergedSnapshots {
    /// A snapshot that raw keeps.
    struct Kept {
        let snapshot: Int64
        let keysDigest: Int64
        let isBelieved: Bool
    }

    /// The believed ones behind the merged one, in order, each of which holds something else than the one before.
    ///
    /// - Parameters:
    ///   - merged: what ods was merged from; nil before the first one.
    ///   - kept: from the merged one on, in order.
    ///   - bringRows: those with rows that differ from what raw kept before.
    ///   - differ: whether two snapshots hold other keys or other rows. Asked where that is not plain.
    static func find(
        behind merged: Int64?, among kept: [Kept], bringRows: Set<Int64>, differ: (Int64, Int64) throws -> Bool
    ) rethrows -> [Int64] {
        var state = merged
        var unmerged: [Int64] = []
        // The keys of the last one that is the same as the state, and whether rows have come since.
        var (digest, hasNewRows): (Int64?, Bool) = (nil, false)
        for kept in kept {
            if kept.snapshot == state {
                digest = kept.keysDigest
                continue
            }
            if bringRows.contains(kept.snapshot) { hasNewRows = true }
            guard kept.isBelieved, hasNewRows || digest != kept.keysDigest else { continue }
            let isOther = try state.map { try differ($0, kept.snapshot) } ?? true
            if isOther {
                unmerged.append(kept.snapshot)
                state = kept.snapshot
            }
            (digest, hasNewRows) = (kept.keysDigest, false)
        }
        return unmerged
    }
}
