internal import RetailAPI

/// One listing of the last days over again: which sales to ask for, and what of an answer is to be compared.
///
/// It goes over the listing once, from a day to the sale where the follower stood when it began. Sales that the
/// warehouse holds in between and that did not come are suspects: they are asked for once more, one by one or a page
/// at a time, before they are said to be missing.
///
/// A value without I/O: pages and the ids that the warehouse knows go in. Thrown away at any moment it costs nothing
/// but its work.
struct Resweep {
    let startedAtMicroseconds: Int64
    /// The first of the days.
    let day: String
    /// The last sale that is compared; those behind it are the follower's.
    let last: Int64
    /// The first sale that extraction was told to care for.
    private let first: Int64
    private var walk: SalesWalk
    /// Up to here the listing has been compared with the warehouse's ids; nil before its first page.
    private var comparedUpTo: Int64?
    private var isSecondLook = false
    private var suspects: ArraySlice<Int64> = []
    private(set) var report: ResweepReport

    /// - Parameters:
    ///   - lowestKnown: the smallest id that the warehouse holds of these days.
    ///   - origin: where the follower's walk began.
    init(startedAtMicroseconds: Int64, day: String, last: Int64, lowestKnown: Int64?, origin: SalesStart?) {
        self.startedAtMicroseconds = startedAtMicroseconds
        self.last = last
        var (day, first) = (day, Int64.min)
        switch origin {
        case .id(let id): first = id
        case .date(let begin): day = max(day, begin)
        case nil: break
        }
        self.day = day
        self.first = first
        walk = SalesWalk(from: .date(day))
        comparedUpTo = lowestKnown.map { max($0, first) - 1 }
        report = ResweepReport(day: day)
    }

    /// The walk to ask the next page of; nil when all has been seen.
    var next: SalesWalk? { isSecondLook && suspects.isEmpty ? nil : walk }

    /// Those of a page's new rows that are compared with what was published.
    func within(_ page: SalesPage, _ rows: [Int]) -> [Int] {
        rows.filter { page.rows[$0].id.map { first <= $0 && $0 <= last } ?? true }
    }

    /// Takes in the answer to `next`, `after` it; a page of nil: there is nothing more from there on.
    ///
    /// - Parameter known: the ids that the warehouse holds in a range.
    mutating func take(
        _ page: SalesPage?, after walk: SalesWalk, known: (ClosedRange<Int64>) async throws -> [Int64]
    ) async throws {
        let passed = self.walk.lastID ?? Int64.min
        self.walk = walk
        // Rows without an id may lead nowhere.
        guard let reached = page == nil ? last : walk.lastID.map({ min($0, last) }) else { return }
        let served = Set(page?.rows.compactMap(\.id) ?? [])
        if isSecondLook {
            let seen = suspects.prefix { $0 <= reached }
            suspects = suspects.dropFirst(seen.count)
            report.add(missing: seen.filter { !served.contains($0) })
            if !seen.isEmpty { lookAtFirstSuspect() }
            return
        }
        report.listed += served.count { passed < $0 && $0 <= last }
        let begin = comparedUpTo.map { $0 + 1 } ?? served.min().map { max($0, first) }
        if let begin, begin <= reached { suspects += try await known(begin...reached).filter { !served.contains($0) } }
        comparedUpTo = max(comparedUpTo ?? reached, reached)
        guard reached >= last else { return }
        isSecondLook = true
        lookAtFirstSuspect()
    }

    private mutating func lookAtFirstSuspect() {
        if let suspect = suspects.first { walk = SalesWalk(from: .id(suspect)) }
    }

    /// Counts rows that were published.
    mutating func count(published rows: Int) { report.lateOrChanged += rows }
}
