import HTTPClient
import Retail
import RetailAPI
import Synchronization
import Telemetry

@testable import Extract

/// A listing of sales with ascending ids that answers as a script says, without a network.
final class ScriptedServer: Sendable {
    /// One answer: the true rows from the start on, as many as asked; the sales below the start; what was asked.
    struct Question: Sendable {
        var number: Int
        var start: Int64
        var limit: Int
        var rows: [Int64]
        var below: [Int64]
    }

    /// Returns the body; nil for the true one.
    typealias Script = @Sendable (Question) -> String?

    private let ids: [Int64]
    private let isInclusive: Bool
    private let script: Script
    private let questions = Mutex(0)

    init(_ ids: some Sequence<Int64>, isInclusive: Bool = true, script: @escaping Script = { _ in nil }) {
        self.ids = Array(ids)
        self.isInclusive = isInclusive
        self.script = script
    }

    /// How often it was asked.
    var asked: Int { questions.withLock { $0 } }

    /// Runs a fetcher against it; returns what it would publish, in order, and how it ended.
    func fetch(
        _ plan: ExtractPlan, clock: TestClock = TestClock(), pageSize: Int = 10, follows: Bool = false,
        overlapSales: Int64 = 0, retries: Int = 3
    ) async -> Fetched {
        var configuration = ExtractConfiguration(topic: "t", stateTopic: "s", defaultStart: .id(1))
        configuration.overlapSales = overlapSales
        configuration.retries = retries
        configuration.follows = follows
        let queue = PageQueue<Publication>(elementsMax: 4)
        async let publications = drain(queue)
        guard let key = APIKey("key") else { preconditionFailure("a key") }
        let api = RetailAPIClient(
            configuration: RetailAPIConfiguration(baseURL: "http://server", key: key, pageSize: pageSize),
            clock: clock.clock, transport: transport)
        var fetcher = SalesFetcher(
            configuration, api: api, clock: clock.clock, known: nil, timeZone: .utc, logger: .silent, repaired: nil,
            queue: queue, didResweep: { _ in }, didChange: { _ in })
        var failure: (any Error)?
        do {
            try await fetcher.run(plan)
        } catch {
            failure = error
        }
        queue.finish()
        let all = await publications
        return Fetched(
            ids: all.flatMap { publication in publication.rows.compactMap { publication.page.rows[$0].id } },
            lastIDs: all.compactMap(\.lastID), report: fetcher.report, error: failure)
    }

    struct Fetched: Sendable {
        var ids: [Int64]
        var lastIDs: [Int64]
        var report: ExtractReport
        var error: (any Error)?
    }

    private func drain(_ queue: PageQueue<Publication>) async -> [Publication] {
        var all: [Publication] = []
        while let more = await queue.receive(max: 100) { all += more }
        return all
    }

    private var transport: HTTPTransport {
        HTTPTransport { (url, _) async throws(HTTPClientError) in
            guard let match = url.firstMatch(of: #/start_sales_id=(\d+)&limit=(\d+)/#),
                let start = Int64(match.1), let limit = Int(match.2)
            else { throw HTTPClientError(code: .invalidURL, url: url, reason: "not a question for sales") }
            let number = self.questions.withLock { questions in
                questions += 1
                return questions
            }
            let rows = self.ids.filter { self.isInclusive ? $0 >= start : $0 > start }.prefix(limit)
            let question = Question(
                number: number, start: start, limit: limit, rows: Array(rows), below: self.ids.filter { $0 < start })
            let body = self.script(question) ?? Rows.body(Rows.sales(rows))
            return HTTPResponse(status: 200, body: Array(body.utf8))
        }
    }
}
