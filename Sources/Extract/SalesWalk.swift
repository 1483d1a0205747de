package import RetailAPI

/// The walk along the listing of sales, from one page to the next: which sale to ask for, what of an answer is new,
/// and when the end has been reached.
///
/// It is not known whether the API's `start_sales_id` is inclusive. So the walk asks again from the last sale it has
/// and drops what it has already: right either way. A page with nothing new is the end only when another one says so
/// too, and a row below the start that was asked is the server's mistake, never the end.
///
/// A value without I/O: an answer goes in, what to do comes out.
package struct SalesWalk: Sendable, Hashable {
    /// What an answer means.
    package enum Step: Sendable, Hashable {
        /// These rows (by index) are new; the walk has moved on.
        case new([Int])
        /// Nothing new: ask once more before believing it.
        case confirm
        /// Nothing new, twice in a row.
        case end
        /// The page holds rows below the start that was asked: ask again.
        case repeated
        /// A full page of rows without a usable id: there is no sale to go on from.
        case stuck
    }

    /// Where the next page is asked from.
    package private(set) var start: SalesStart
    private var unconfirmedEnds = 0
    /// Hashes of rows without a usable id that came after the last sale, which the API serves with it again.
    private var withoutID: Set<Int64> = []

    /// A walk that begins behind a sale that is known already.
    package init(after lastID: Int64) { start = .id(lastID) }

    /// A walk that begins with a sale or a day that was never asked for.
    package init(from start: SalesStart) {
        switch start {
        case .id(let id): self.start = .id(id - 1)
        case .date: self.start = start
        }
    }

    /// The last sale that the walk has passed; nil as long as a date leads it.
    package var lastID: Int64? {
        if case .id(let id) = start { id } else { nil }
    }

    /// Takes in the answer to `start`.
    package mutating func take(_ page: SalesPage) -> Step {
        if let lastID, page.rows.contains(where: { $0.id.map { $0 < lastID } ?? false }) { return .repeated }
        var new: [Int] = []
        var highest = lastID
        for (index, row) in page.rows.enumerated() {
            if let id = row.id {
                guard lastID.map({ id > $0 }) ?? true else { continue }
                new.append(index)
                highest = max(highest ?? id, id)
            } else if withoutID.insert(row.contentHash).inserted {
                new.append(index)
            }
        }
        if let highest, highest != lastID {
            start = .id(highest)
            // What came behind the new last sale will be served with it again.
            let lastIndex = page.rows.lastIndex { $0.id == highest } ?? 0
            withoutID = Set(page.rows[lastIndex...].filter { $0.id == nil }.map(\.contentHash))
            unconfirmedEnds = 0
            return .new(new)
        }
        if page.rows.count >= page.page.requestedLimit, page.rows.count > 1 { return .stuck }
        if !new.isEmpty {
            unconfirmedEnds = 0
            return .new(new)
        }
        unconfirmedEnds += 1
        return unconfirmedEnds >= 2 ? .end : .confirm
    }
}
