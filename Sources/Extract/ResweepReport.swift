/// What listing the last days over again has found.
package struct ResweepReport: Sendable, Hashable, Codable {
    /// The first day that was listed.
    package var day: String
    /// Sales that the API served.
    package var listed = 0
    /// Records published: sales that had changed or become visible late.
    package var lateOrChanged = 0
    /// Sales of the warehouse that the API does not serve any more.
    package var missing = 0
    /// The first of them.
    package var missingIDs: [Int64] = []

    enum CodingKeys: String, CodingKey {
        case day, listed, missing
        case lateOrChanged = "late_or_changed"
        case missingIDs = "missing_ids"
    }

    /// How many ids are named.
    private static let namedMax = 20

    package init(day: String) { self.day = day }

    mutating func add(missing ids: some Collection<Int64>) {
        missing += ids.count
        missingIDs += ids.prefix(max(0, ResweepReport.namedMax - missingIDs.count))
    }
}
