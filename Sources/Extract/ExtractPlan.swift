package import RetailAPI

/// Which walk an extraction is, decided from what the state topic and the warehouse know.
package enum ExtractPlan: Sendable, Hashable {
    /// The follower goes on behind its cursor.
    case resume(ExtractCursor)
    /// The follower's first walk.
    case begin(SalesStart)
    /// A backfill beside the follower, up to the sale where the follower stood; from its own cursor, if it was broken
    /// off.
    case backfill(start: SalesStart, end: Int64, cursor: ExtractCursor?)

    /// Keys of the state topic.
    package static let followerKey = "sales"
    package static let backfillKey = "sales.backfill"

    /// - Parameters:
    ///   - requested: the start that was asked for.
    ///   - cursors: what the state topic holds, by key.
    ///   - lowestOfHighestIDs: what the warehouse has ingested: the smallest, over the partitions, of the highest id.
    package init(
        requested: SalesStart?, cursors: [String: ExtractCursor], lowestOfHighestIDs: Int64?, overlapSales: Int64,
        defaultStart: SalesStart
    ) {
        let cursor = cursors[ExtractPlan.followerKey]
        // A follower that has met no sale yet has only a beginning.
        let follower = cursor.flatMap { $0.lastID > 0 ? $0 : nil }
        switch (requested, follower) {
        case (let requested?, let follower?):
            let broken = cursors[ExtractPlan.backfillKey].flatMap { cursor in
                cursor.start == requested.description && cursor.lastID < (cursor.end ?? 0)
                    ? cursor : nil
            }
            self = .backfill(start: requested, end: broken?.end ?? follower.lastID, cursor: broken)
        case (nil, let follower?):
            self = .resume(follower)
        case (let requested?, nil):
            self = .begin(requested)
        case (nil, nil):
            if let start = cursor?.start {
                self = .begin(SalesStart(written: start))
            } else if let ingested = lowestOfHighestIDs {
                self = .begin(.id(max(ingested - overlapSales, 1)))
            } else {
                self = .begin(defaultStart)
            }
        }
    }
}
