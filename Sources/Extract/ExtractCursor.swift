internal import Foundation

/// How far a walk has come: what the state topic holds, as JSON, under the walk's key.
package struct ExtractCursor: Sendable, Hashable, Codable {
    /// The layout of this value.
    package var schema = 1
    /// The highest sale id published.
    package var lastID: Int64
    /// The version of the last page published.
    package var version: Int64
    /// Records and pages published since the walk began.
    package var records: Int64
    package var pages: Int64
    /// Where the walk was told to begin, a sale id or a day: what is before it was not asked for.
    package var start: String?
    /// Of a backfill: the sale at which it ends.
    package var end: Int64?
    /// When the last re-sweep that was finished began, in microseconds since 1970.
    package var resweepAt: Int64?
    /// Of a repaired page: where the listing is asked from behind it. The API may serve the start that it is asked
    /// for, and then not the page's last sale, which it can't serve readably.
    package var next: Int64?

    enum CodingKeys: String, CodingKey {
        case schema, start, end, next, version, records, pages
        case lastID = "last_id"
        case resweepAt = "resweep_at"
    }

    package init(
        lastID: Int64, version: Int64, records: Int64 = 0, pages: Int64 = 0, start: String? = nil, end: Int64? = nil
    ) {
        self.lastID = lastID
        self.version = version
        self.records = records
        self.pages = pages
        self.start = start
        self.end = end
    }

    /// Reads a value of the state topic.
    package init(json: UnsafeRawBufferPointer) throws {
        do {
            self = try JSONDecoder().decode(ExtractCursor.self, from: Data(json))
        } catch {
            throw ExtractError(
                code: .cursorUnreadable, reason: "the cursor in the state topic can't be read",
                remedy: "another program wrote it; check kafka.state_topic")
        }
        guard schema == 1 else {
            throw ExtractError(
                code: .cursorUnreadable,
                reason: "the cursor in the state topic has layout \(schema), this program knows 1",
                remedy: "use the newer program that wrote it")
        }
    }

    /// The value for the state topic.
    package func json() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return Array(try encoder.encode(self))
    }
}
