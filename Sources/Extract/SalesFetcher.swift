internal import Retail
internal import RetailAPI
internal import Telemetry
internal import Warehouse

/// Walks the listing of sales and hands what is to be published to a queue.
///
/// The next page is asked for while earlier ones are being published; the queue's limit holds it back.
struct SalesFetcher {
    let configuration: ExtractConfiguration
    let api: RetailAPIClient
    let clock: APIClock
    let parser: SaleParser
    let timeZone: RetailTimeZone
    let logger: Logger
    let repaired: RepairedPages?
    let queue: PageQueue<Publication>
    let didResweep: @Sendable (ResweepReport) async -> Void
    var published: PublishedSales
    /// The page that came last, whatever it held.
    var lastPage: SalesPage?
    /// Where the walk began; nil when it is not known.
    var origin: SalesStart?
    /// When the last sales are asked again.
    var overlapAt: Int64 = 0
    /// What is waited for: for new sales, and for a look back.
    private var apiWait: OutageWait
    var lookBackWait: OutageWait
    /// What is known of the server: it does not keep the order; its totals are wrong.
    var toleratesDisorder = false
    var hasToldTotal = false
    /// The re-sweep that is going on.
    var resweep: Resweep?
    /// When the last one began that was finished, and before when none is begun.
    var resweepAt: Int64 = 0
    var resweepNotBefore: Int64 = 0
    /// How long a re-sweep that was broken off is left alone while following.
    static let resweepWaitMicroseconds: Int64 = 300_000_000
    /// Whether this is a first walk whose beginning the cursor does not name yet.
    private var mayNoteBeginning = false
    /// How many records the walk has published, by earlier runs and by this one.
    var walkRecords: Int64 = 0
    var report = ExtractReport()

    init(
        _ configuration: ExtractConfiguration, api: RetailAPIClient, clock: APIClock, known: (any KnownSales)?,
        timeZone: RetailTimeZone, logger: Logger, repaired: RepairedPages?, queue: PageQueue<Publication>,
        didResweep: @escaping @Sendable (ResweepReport) async -> Void,
        didChange: @escaping @Sendable (Health) -> Void
    ) {
        self.configuration = configuration
        self.api = api
        self.clock = clock
        self.logger = logger
        self.repaired = repaired
        self.queue = queue
        self.timeZone = timeZone
        // A look back that fails holds nothing new up: only the wait for new sales is told.
        lookBackWait = OutageWait(firstMilliseconds: configuration.backoffMilliseconds, clock: clock, logger: logger)
        apiWait = OutageWait(
            firstMilliseconds: configuration.backoffMilliseconds, clock: clock, logger: logger, didChange: didChange)
        self.didResweep = didResweep
        parser = SaleParser(timeZone: timeZone)
        published = PublishedSales(known: known, salesMax: Int(configuration.overlapSales))
    }

    /// Walks as planned, until the end is reached and confirmed, or for ever while following.
    mutating func run(_ plan: ExtractPlan) async throws {
        switch plan {
        case .resume(let cursor):
            origin = cursor.start.map { SalesStart(written: $0) }
            walkRecords = cursor.records
            resweepAt = cursor.resweepAt ?? 0
            try await follow(SalesWalk(after: cursor.lastID))
        case .begin(let start):
            origin = start
            mayNoteBeginning = true
            // Nothing of it is old yet.
            resweepAt = clock.nowMicroseconds()
            try await follow(SalesWalk(from: start))
        case .backfill(let start, let end, let cursor):
            report.isBackfill = true
            try await backfill(cursor.map { SalesWalk(after: $0.lastID) } ?? SalesWalk(from: start), upTo: end)
        }
    }

    private mutating func follow(_ walk: SalesWalk) async throws {
        var walk = walk
        overlapAt = clock.nowMicroseconds() + overlapMicroseconds
        while configuration.follows {
            do {
                guard try await followOnce(&walk) else { return }
                apiWait.isBack()
            } catch {
                guard let outage = Outage(error) else { throw error }
                try await apiWait.wait(for: outage)
            }
        }
        while let (page, rows) = try await next(&walk, confirmsEnd: true) {
            published.note(page, rows)
            guard await send(page, rows, lastID: walk.lastID) else { return }
        }
        await noteBeginning()
        if try await askAgain(upTo: walk.lastID) { try await resweepIfDue(upTo: walk.lastID) }
    }

    /// Asks for the next sales once, and waits if there were less than a page of them; false when nobody takes them any
    /// more.
    private mutating func followOnce(_ walk: inout SalesWalk) async throws -> Bool {
        if let (page, rows) = try await next(&walk, confirmsEnd: false) {
            published.note(page, rows)
            guard await send(page, rows, lastID: walk.lastID) else { return false }
            if page.rows.count >= page.page.requestedLimit { return true }
        }
        await noteBeginning()
        let now = clock.nowMicroseconds()
        // Where the clock was set back, the last sales don't wait until it is where it was.
        if now >= overlapAt || overlapAt - now > overlapWaitMicrosecondsMax {
            guard try await lookBack(upTo: walk.lastID) else { return false }
        }
        return try await pause(upTo: walk.lastID)
    }

    /// No sale has come yet: the cursor says where the walk began, so that the next run begins there too, on whatever
    /// day it runs.
    private mutating func noteBeginning() async {
        guard mayNoteBeginning, walkRecords == 0, let lastPage else { return }
        mayNoteBeginning = false
        _ = await queue.send(Publication(page: lastPage, rows: [], lastID: nil))
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

    mutating func send(_ page: SalesPage, _ rows: [Int], lastID: Int64?) async -> Bool {
        if let lastID { report.lastID = lastID }
        walkRecords += Int64(rows.count)
        return await queue.send(Publication(page: page, rows: rows, lastID: lastID))
    }
}
