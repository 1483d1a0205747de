package import Retail

/// What the state topic holds: of each walk its cursor, and how many records it published in which hour.
package struct ExtractState: Sendable, Hashable {
    /// Stands between the key of a walk and an hour in the key of a count: `sales.hours.2026-11-21T15`.
    private static let infix = ".hours."

    /// By the walk's key.
    package private(set) var cursors: [String: ExtractCursor] = [:]
    /// By the walk's key and the hour.
    private(set) var hours: [String: HourCounts] = [:]

    /// What all walks published, by hour. An hour without a count is one of which nobody counted anything.
    package var published: [RecordHour: HourCount] {
        hours.values.reduce(into: [:]) { sums, counts in sums.merge(counts, uniquingKeysWith: +) }
    }

    init() {}

    /// Takes in a record of the topic; nil as a value takes its key back.
    mutating func take(key: String, value: UnsafeRawBufferPointer?) throws {
        if let (walk, hour) = ExtractState.walkAndHour(of: key) {
            hours[walk, default: [:]][hour] = try value.map { try HourCount(json: $0) }
        } else {
            cursors[key] = try value.map { try ExtractCursor(json: $0) }
        }
    }

    /// The key of a walk's count of an hour.
    static func key(ofWalk walk: String, hour: RecordHour) -> String { "\(walk)\(infix)\(hour)" }

    private static func walkAndHour(of key: String) -> (String, RecordHour)? {
        guard let range = key.firstRange(of: infix), let hour = RecordHour(String(key[range.upperBound...])) else {
            return nil
        }
        return (String(key[..<range.lowerBound]), hour)
    }
}
