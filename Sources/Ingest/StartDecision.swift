package import Warehouse

/// Where to start reading one partition, decided from what Kafka and the warehouse know of it.
///
/// The smallest of Kafka's committed offset and those stored with raw and with ods: reading again is harmless,
/// skipping is not. A warehouse that never read the partition starts at its first record; an ods that is new beside an
/// older raw gets from there what Kafka no longer has.
package struct StartDecision: Sendable, Hashable {
    /// The first offset to read from Kafka. One record early where that record can be compared with its raw row.
    package var start: Int64
    /// The first offset to read where nothing is compared: what is read before it takes no offset back.
    package var wanted: Int64
    /// The offset of the record that Kafka must deliver first, if this is the log that was read before.
    package var proof: Int64?
    /// Records that Kafka has lost and raw still has: read from there.
    package var fromRaw: Range<Int64>?
    /// Records that neither has.
    package var lost: Range<Int64>?
    /// The topic ends before what was read of it: it was made anew, or cut off.
    package var isOtherLog = false

    /// - Parameters:
    ///   - committed: the group's offset in Kafka; nil when it has none.
    ///   - stored: what the warehouse has read.
    ///   - available: the partition's low and high watermark.
    ///   - givenUp: ranges that the operator accepted not to have: reading behind one does not begin before it.
    package init(
        committed: Int64?, stored: StoredPosition?, available: Range<Int64>, givenUp: [Range<Int64>] = []
    ) {
        let low = available.lowerBound
        let raw = stored?.raw
        let ods = stored?.ods
        (start, wanted) = (low, low)
        if max(raw ?? low, ods ?? low) > available.upperBound {
            isOtherLog = true
            return
        }
        // Neither layer has read anything: there is nothing to go on from.
        guard raw != nil || ods != nil else { return }
        // A layer that is new needs all that there is: raw what Kafka has, ods also what only raw has.
        let lacked = min(committed ?? .max, raw ?? low, ods ?? 0)
        wanted = max(lacked, low)
        start = wanted
        if let raw, lacked < low {
            let kept = min(raw, low)
            if lacked < kept { fromRaw = lacked..<kept }
            if kept < low { lost = kept..<low }
        } else if let ods, ods < low {
            lost = ods..<low
        }
        if let last = stored?.lastRawRecord, last >= low {
            // Between that record and the start lies what was given up: reading must not begin before it.
            let wanted = wanted
            if givenUp.contains(where: { last < $0.upperBound && $0.upperBound <= wanted }) { return }
            start = min(wanted, last)
            // Reading begins at that record or before it; only when it begins there must it come first.
            if last <= wanted { proof = last }
        }
    }
}
