internal import Foundation
internal import Retail

/// How many records a walk has published with versions of one hour: what the state topic holds, as JSON, beside the
/// walk's cursor, written in the same transaction.
package struct HourCount: Sendable, Hashable, Codable {
    /// The layout of this value.
    package var schema = 1
    /// Records published.
    package var records: Int64
    /// The lowest version among them: what is older was published by a program that did not count.
    package var firstVersion: Int64

    enum CodingKeys: String, CodingKey {
        case schema, records
        case firstVersion = "first_version"
    }

    package init(records: Int64, firstVersion: Int64) {
        self.records = records
        self.firstVersion = firstVersion
    }

    /// Reads a value of the state topic.
    init(json: UnsafeRawBufferPointer) throws {
        guard let count = try? JSONDecoder().decode(HourCount.self, from: Data(json)), count.schema == 1 else {
            throw ExtractError(
                code: .cursorUnreadable, reason: "a count of records in the state topic can't be read",
                remedy: "another or a newer program wrote it; check kafka.state_topic")
        }
        self = count
    }

    /// The value for the state topic.
    func json() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return Array(try encoder.encode(self))
    }

    static func + (left: HourCount, right: HourCount) -> HourCount {
        HourCount(
            records: left.records + right.records, firstVersion: min(left.firstVersion, right.firstVersion))
    }
}

/// The counts of one walk, by hour.
typealias HourCounts = [RecordHour: HourCount]

extension HourCounts {
    /// Counts the records of a page.
    mutating func add(records: Int, version: Int64) {
        guard records > 0 else { return }
        let page = HourCount(records: Int64(records), firstVersion: version)
        let hour = RecordHour(version: version)
        self[hour] = self[hour].map { $0 + page } ?? page
    }
}
