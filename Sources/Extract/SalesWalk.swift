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
        /// Nothing new, twice in a row, though the declared total says that more is left: ask again, but not for ever.
        case contradicted
        /// The page holds rows below the start that was asked: ask again.
        case repeated
        /// A full page without a sale beyond the start: it is not known what is behind it, nor how to get there.
        case stuck
    }

    /// The last sale that the walk has passed; nil as long as a day leads it.
    package private(set) var lastID: Int64?
    /// The day that leads the walk until the first sale has come.
    private let firstDay: String
    /// Where the next page is asked from, if not from the last sale.
    private var detour: Int64?
    private var unconfirmedEnds = 0
    /// The total that the last page declared which led on, and whether totals fall on the way: then they count what is
    /// left from the start that was asked. Where they stay, they count the whole listing and tell nothing of its end.
    private var lastTotal: Int64?
    private var totalsFall = false
    /// Hashes of rows without a usable id that came after the last sale, which the API serves with it again.
    private var withoutID: Set<Int64> = []

    /// A walk that begins behind a sale that is known already.
    package init(after lastID: Int64) {
        self.lastID = lastID
        firstDay = ""
    }

    /// A walk that begins with a sale or a day that was never asked for.
    package init(from start: SalesStart) {
        switch start {
        case .id(let id):
            lastID = id - 1
            firstDay = ""
        case .date(let day):
            lastID = nil
            firstDay = day
        }
    }

    /// Where the next page is asked from.
    package var start: SalesStart {
        if let id = detour ?? lastID { .id(id) } else { .date(firstDay) }
    }

    /// Takes in the answer to `start`.
    package mutating func take(_ page: SalesPage) -> Step {
        let floor = lastID ?? Int64.min
        if page.rows.contains(where: { ($0.id ?? Int64.max) < floor }) { return .repeated }
        var new: [Int] = []
        var highest = floor
        for (index, row) in page.rows.enumerated() {
            guard let id = row.id else {
                if withoutID.insert(row.contentHash).inserted { new.append(index) }
                continue
            }
            guard id > floor else { continue }
            new.append(index)
            highest = max(highest, id)
        }
        if highest > floor {
            moveOn(to: highest, behind: page.rows)
            if let total = page.page.declaredTotal {
                if let lastTotal { totalsFall = total < lastTotal }
                lastTotal = total
            }
            return .new(new)
        }
        if page.rows.count >= page.page.requestedLimit { return .stuck }
        if !new.isEmpty {
            unconfirmedEnds = 0
            return .new(new)
        }
        unconfirmedEnds += 1
        if unconfirmedEnds < 2 { return .confirm }
        let saysMore = page.page.declaredTotal.map { $0 > page.rows.count } ?? false
        return totalsFall && saysMore ? .contradicted : .end
    }

    /// Goes on behind a sale, as if all up to it had come, and asks from `next`: from the sale itself, or from behind
    /// it where the API can't serve it.
    package mutating func skip(to id: Int64, askingFrom next: Int64) {
        moveOn(to: id, behind: [])
        detour = next
    }

    /// What came behind the new last sale without an id will be served with it again.
    private mutating func moveOn(to highest: Int64, behind rows: [SalesPage.Row]) {
        lastID = highest
        detour = nil
        unconfirmedEnds = 0
        withoutID = []
        var isBehind = false
        for row in rows {
            if row.id == highest { isBehind = true }
            if isBehind, row.id == nil { withoutID.insert(row.contentHash) }
        }
    }
}
