internal import RetailAPI

extension ExtractPlan {
    /// The key of this walk's cursor.
    var cursorKey: String {
        if case .backfill = self { ExtractPlan.backfillKey } else { ExtractPlan.followerKey }
    }

    /// The cursor from which this walk goes on.
    var cursor: ExtractCursor {
        switch self {
        case .resume(let cursor): cursor
        case .begin(let start): ExtractCursor(lastID: 0, version: 0, start: start.description)
        case .backfill(let start, let end, let cursor):
            cursor
                ?? ExtractCursor(lastID: 0, version: 0, start: start.description, end: end)
        }
    }
}

extension ExtractPlan: CustomStringConvertible {
    package var description: String {
        switch self {
        case .resume(let cursor): "resume after sale \(cursor.lastID)"
        case .begin(let start): "begin at \(start)"
        case .backfill(let start, let end, let cursor):
            "backfill from \(cursor.map { "sale \($0.lastID)" } ?? start.description) to sale \(end)"
        }
    }
}
