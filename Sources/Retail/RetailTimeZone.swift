import Foundation

/// A time zone that turns local times into instants and back by binary search, without Foundation on the way.
///
/// The changes of its offset are found once, at construction, for the years 1900 to 2199; before and after, the first
/// and the last known offset hold. A fixed zone such as UTC has no changes and costs an addition.
package struct RetailTimeZone: Sendable, Hashable {
    /// Coordinated Universal Time.
    package static let utc = RetailTimeZone(identifier: "UTC", offsetBefore: 0, changes: [])

    /// The IANA identifier it was made from, such as `Europe/Berlin`.
    package let identifier: String

    /// The offset from UTC in seconds before the first change.
    private let offsetBefore: Int64
    /// The instants of the changes, ascending.
    private let instants: [Int64]
    /// The local seconds from which on each change's new offset is used.
    private let localStarts: [Int64]
    /// The offset from UTC in seconds from each change on.
    private let offsets: [Int64]

    /// One change of the offset.
    struct Change: Hashable {
        /// The first instant with the new offset, in UTC seconds since 1970.
        var instant: Int64
        /// The new offset from UTC in seconds.
        var offset: Int64
    }

    /// Makes the zone of an IANA identifier; nil when the system knows none of that name.
    package init?(identifier: String) {
        guard let zone = TimeZone(identifier: identifier) else { return nil }
        let found = Self.changes(of: zone)
        self.init(identifier: identifier, offsetBefore: found.offsetBefore, changes: found.changes)
    }

    init(identifier: String, offsetBefore: Int64, changes: [Change]) {
        self.identifier = identifier
        self.offsetBefore = offsetBefore
        instants = changes.map(\.instant)
        offsets = changes.map(\.offset)
        var starts: [Int64] = []
        var previous = offsetBefore
        for change in changes {
            // The offset before a change holds for as long as any clock could show it: through the hour that
            // comes twice (so its times mean the earlier instant), and through the hour that is skipped (so its
            // times move on by as much as the clock does).
            let start = change.instant + max(previous, change.offset)
            starts.append(max(start, starts.last ?? start))
            previous = change.offset
        }
        localStarts = starts
    }

    /// The instant of a local time, in UTC seconds since 1970.
    ///
    /// Of a local time that comes twice, the earlier instant. A local time that clocks skip counts as if they had not
    /// been put forward yet, as Foundation does: 02:30 in a spring night without an hour from 2 to 3 is what clocks
    /// then call 03:30.
    ///
    /// - Parameter localSeconds: The local time in seconds since 1970, as if it were UTC.
    package func instant(ofLocalSeconds localSeconds: Int64) -> Int64 {
        guard !instants.isEmpty else { return localSeconds &- offsetBefore }
        return localSeconds &- offset(after: Self.count(in: localStarts, upTo: localSeconds))
    }

    /// What a clock shows at an instant, in seconds since 1970 as if it were UTC.
    ///
    /// - Parameter instant: UTC seconds since 1970.
    package func localSeconds(ofInstant instant: Int64) -> Int64 {
        guard !instants.isEmpty else { return instant &+ offsetBefore }
        return instant &+ offset(after: Self.count(in: instants, upTo: instant))
    }

    private func offset(after changes: Int) -> Int64 {
        changes == 0 ? offsetBefore : offsets[changes - 1]
    }

    /// How many of the ascending numbers are not above a limit.
    private static func count(in numbers: [Int64], upTo limit: Int64) -> Int {
        var low = 0
        var high = numbers.count
        while low < high {
            let middle = (low + high) / 2
            if numbers[middle] <= limit { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension RetailTimeZone {
    /// 1900-01-01 and 2200-01-01: what is searched for changes.
    private static let searched: ClosedRange<Int64> = -2_208_988_800...7_258_118_400
    /// The distance of the probes: shorter than the time between any two changes that end in the same offset.
    private static let stepSeconds: Int64 = 6 * CivilTime.secondsPerDay

    /// Finds the changes by probing the offset and halving the distance where two probes differ.
    ///
    /// Foundation's own list (`nextDaylightSavingTimeTransition(after:)`) leaves out changes that are not of daylight
    /// saving time, such as a country's move to another zone.
    private static func changes(of zone: TimeZone) -> (offsetBefore: Int64, changes: [Change]) {
        func offset(_ instant: Int64) -> Int64 {
            Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(instant))))
        }
        let first = offset(searched.lowerBound)
        var changes: [Change] = []
        var last = first
        var probe = searched.lowerBound
        while probe < searched.upperBound {
            let next = min(probe + stepSeconds, searched.upperBound)
            let offsetAtNext = offset(next)
            while last != offsetAtNext {
                var before = changes.last.map { max($0.instant, probe) } ?? probe
                var after = next
                while after - before > 1 {
                    let middle = before + (after - before) / 2
                    if offset(middle) == last { before = middle } else { after = middle }
                }
                last = offset(after)
                changes.append(Change(instant: after, offset: last))
            }
            probe = next
        }
        return (first, changes)
    }
}
