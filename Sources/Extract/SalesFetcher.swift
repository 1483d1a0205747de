internal import Retail
internal import RetailAPI
internal import Telemetry
internal import Warehouse

/// Walks the listing of sales and hands what is to be published to a queue.
///
/// The next page is asked for while earlier ones are being published; the queue's limit holds it back.
struct SalesFetcher {
    private let configuration: ExtractConfiguration
    private let api: RetailAPIClient
    private let clock: APIClock
    private let parser: SaleParser
    private let logger: Logger
    private let queue: PageQueue<Publication>
    private var published: PublishedSales
    /// The page that came last, whatever it held.
    private var lastPage: SalesPage?
    /// Where the walk began; nil when it is not known.
    private var origin: SalesStart?
    /// Whether the cursor names the beginning of a walk that has met no sale yet.
    private var hasNotedBeginning = false
    /// How many records the walk has published, by earlier runs and by this one.
    private var walkRecords: Int64 = 0
    private(set) var report = ExtractReport()

    init(
        _ configuration: ExtractConfiguration, api: RetailAPIClient, clock: APIClock, known: (any KnownSales)?,
        timeZone: RetailTimeZone, logger: Logger, queue: PageQueue<Publication>
    ) {
        self.configuration = configuration
        self.api = api
        self.clock = clock
        self.logger = logger
        self.queue = queue
        parser = SaleParser(timeZone: timeZone)
        published = PublishedSales(known: known, salesMax: Int(configuration.overlapSales))
    }

    /// Walks as planned, until the end is reached and confirmed, or for ever while following.
    mutating func run(_ plan: ExtractPlan) async throws {
        switch plan {
        case .resume(let cursor):
            origin = cursor.start.map { SalesStart(written: $0) }
            walkRecords = cursor.records
            try await follow(SalesWalk(after: cursor.lastID))
        case .begin(let start):
            origin = start
            try await follow(SalesWalk(from: start))
        case .backfill(let start, let end, let cursor):
            report.isBackfill = true
            try await backfill(cursor.map { SalesWalk(after: $0.lastID) } ?? SalesWalk(from: start), upTo: end)
        }
    }

    private mutating func follow(_ walk: SalesWalk) async throws {
        var walk = walk
        let overlapMicroseconds = Int64(configuration.overlapMilliseconds) * 1_000
        var overlapAt = clock.nowMicroseconds() + overlapMicroseconds
        while true {
            if let (page, rows) = try await next(&walk, confirmsEnd: !configuration.follows) {
                published.note(page, rows)
                guard await send(page, rows, lastID: walk.lastID) else { return }
                if !configuration.follows || page.rows.count >= page.page.requestedLimit { continue }
            } else if !configuration.follows {
                break
            }
            await noteBeginning(of: walk)
            if clock.nowMicroseconds() >= overlapAt {
                guard try await askAgain(upTo: walk.lastID) else { return }
                overlapAt = clock.nowMicroseconds() + overlapMicroseconds
            }
            try await clock.sleep(configuration.pollMilliseconds)
        }
        await noteBeginning(of: walk)
        _ = try await askAgain(upTo: walk.lastID)
    }

    /// No sale has come yet: the cursor says where the walk began, so that the next run begins there too, on whatever
    /// day it runs.
    private mutating func noteBeginning(of walk: SalesWalk) async {
        guard walk.lastID == nil, !hasNotedBeginning, let lastPage else { return }
        hasNotedBeginning = true
        _ = await queue.send(Publication(page: lastPage, rows: [], lastID: nil))
    }

    /// Asks again for the last sales, though for none before the walk's beginning, and publishes what is new among
    /// them or has changed; false when nobody takes it any more.
    private mutating func askAgain(upTo last: Int64?) async throws -> Bool {
        guard let last, configuration.overlapSales > 0 else { return true }
        var walk = SalesWalk(from: overlapStart(last))
        while let (page, rows) = try await next(&walk, confirmsEnd: true) {
            let different = try await published.different(
                page, rows.filter { page.rows[$0].id.map { $0 <= last } ?? true })
            if !different.isEmpty {
                published.note(page, different)
                report.lateOrChanged += different.count
                guard await send(page, different, lastID: nil) else { return false }
            }
            if let reached = walk.lastID, reached >= last { break }
        }
        return true
    }

    /// Where the last sales begin. A walk that has published no more than these is asked again from its beginning: of
    /// a day it is not known which sale is its first, and an earlier one may become visible late.
    private func overlapStart(_ last: Int64) -> SalesStart {
        if let origin, walkRecords <= configuration.overlapSales { return origin }
        let first = max(1, min(last - configuration.overlapSales + 1, published.lowestRecentID ?? last))
        if case .id(let begin) = origin { return .id(max(first, begin)) }
        return .id(first)
    }

    /// Publishes what the warehouse does not hold as the API serves it.
    private mutating func backfill(_ walk: SalesWalk, upTo end: Int64) async throws {
        var walk = walk
        while walk.lastID.map({ $0 < end }) ?? true, let (page, rows) = try await next(&walk, confirmsEnd: true) {
            let within = rows.filter { page.rows[$0].id.map { $0 <= end } ?? true }
            let different = try await published.different(page, within)
            report.known += within.count - different.count
            published.note(page, different)
            guard await send(page, different, lastID: walk.lastID.map { min($0, end) }) else { return }
        }
        // The API does not serve the follower's sale any more: the cursor says all the same that this one is done.
        if walk.lastID.map({ $0 < end }) ?? true, let lastPage {
            _ = await queue.send(Publication(page: lastPage, rows: [], lastID: end))
        }
    }

    private mutating func send(_ page: SalesPage, _ rows: [Int], lastID: Int64?) async -> Bool {
        if let lastID { report.lastID = lastID }
        walkRecords += Int64(rows.count)
        return await queue.send(Publication(page: page, rows: rows, lastID: lastID))
    }

    /// The next page with something new, and which of its rows that is; nil at the end.
    ///
    /// - Parameter confirmsEnd: a page with nothing new is believed only when the next one says so too.
    private mutating func next(_ walk: inout SalesWalk, confirmsEnd: Bool) async throws -> (SalesPage, [Int])? {
        var repeats = 0
        while true {
            try Task.checkCancellation()
            let page = SalesPage(try await api.sales(from: walk.start), parser: parser)
            lastPage = page
            switch walk.take(page) {
            case .new(let rows):
                return (page, rows)
            case .confirm:
                if !confirmsEnd { return nil }
            case .end:
                return nil
            case .repeated:
                repeats += 1
                report.repeatedPages += 1
                logger.warning(
                    "page repeated", [("start", LogValue(describing: walk.start)), ("try", LogValue(repeats))])
                guard repeats <= configuration.retries else {
                    throw ExtractError(
                        code: .repeatedPage,
                        reason: "the API keeps serving sales below the start that was asked, \(walk.start)",
                        remedy: "tell the API's owner; extraction goes on from its cursor when it is started again")
                }
                try await clock.sleep(configuration.backoffMilliseconds << (repeats - 1))
            case .stuck:
                throw ExtractError(
                    code: .stuck,
                    reason:
                        "a whole page from \(walk.start) on has no sale beyond it, so that it is not known where to go on",
                    remedy:
                        "raise api.page_size, or tell the API's owner of rows without a usable id; extraction goes on from its cursor when it is started again"
                )
            }
        }
    }
}
