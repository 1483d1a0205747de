internal import HTTPServer
internal import Synchronization

/// Answers requests as the source API would. The server around it only carries bytes.
final class SimulatorResponder: Sendable {
    private static let hangMillisecondsMax = 600_000

    private let configuration: SimulatorConfiguration
    private let state: Mutex<SimulatorState>
    private let startedAtMicroseconds: Int64

    /// Reads the data. Throws when it cannot be read.
    init(_ configuration: SimulatorConfiguration) throws(SimulatorError) {
        self.configuration = configuration
        let plan = FaultPlan(configuration.faults, seed: configuration.seed)
        state = Mutex(try SimulatorState(plan: plan, data: configuration.data))
        startedAtMicroseconds = configuration.nowMicroseconds()
    }

    /// Runs a change of data or faults alone.
    func withState<Result: Sendable, Failure: Error>(
        _ body: (inout SimulatorState) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try state.withLock { (state) throws(Failure) in try body(&state) }
    }

    /// Answers one request.
    func respond(to request: HTTPRequest) -> HTTPServerResponse {
        let endpoint = SimulatedEndpoint(rawValue: String(request.path.dropFirst()))
        state.withLock { state in
            state.counters.requests += 1
            if let endpoint { state.counters.requestsByEndpoint[endpoint, default: 0] += 1 }
        }
        guard let endpoint, request.path.hasPrefix("/") else { return Self.failure(404, "no such listing") }
        guard request.method == "GET" else { return Self.failure(405, "only GET") }
        if let key = configuration.apiKey, request.header(named: configuration.keyHeader) != key {
            return Self.failure(401, "the API key is missing or wrong")
        }
        guard let limit = Self.number(request.query(named: "limit") ?? "250"), limit > 0 else {
            return Self.failure(400, "limit has to be a number above 0")
        }
        let rowsMax = min(limit, max(1, configuration.pageRowsMax))
        switch endpoint {
        case .sales:
            let start = request.query(named: "start_sales_id") ?? String(Int64.min)
            return sales(from: start, limit: rowsMax)
        case .products, .customers:
            guard let page = Self.number(request.query(named: "page") ?? "1"), page > 0 else {
                return Self.failure(400, "page has to be a number above 0")
            }
            return catalogue(endpoint, page: page, limit: rowsMax)
        }
    }

    private func sales(from start: String, limit: Int) -> HTTPServerResponse {
        let (decision, plan, source, furthestSale) = state.withLock { state in
            let decision = state.plan.decide(.sales, isFirstPage: false)
            return (decision, state.plan, state.sales, state.furthestSale)
        }
        let first: Int
        if let id = Int64(start) {
            switch configuration.start {
            case .inclusive: first = source.firstIndex(fromID: id)
            case .exclusive: first = id == Int64.max ? source.count : source.firstIndex(fromID: id + 1)
            }
        } else if let day = CalendarDay.number(of: start.utf8), start.utf8.count == 10 {
            first = source.firstIndex(fromDay: day)
        } else {
            return Self.failure(400, "start_sales_id has to be an id or a date YYYY-MM-DD")
        }
        if let answer = replacement(decision, on: .sales) { return answer }
        var builder = PageBuilder(shape: configuration.shape, plan: plan, decision: decision, limit: limit)
        let page = builder.sales(
            from: first, of: source, visible: visibleSales(of: source.count), furthestSale: furthestSale)
        return answer(page, on: .sales)
    }

    private func catalogue(_ endpoint: SimulatedEndpoint, page number: Int, limit: Int) -> HTTPServerResponse {
        let (decision, plan, source) = state.withLock { state in
            let decision = state.plan.decide(endpoint, isFirstPage: number == 1)
            return (decision, state.plan, endpoint == .products ? state.products : state.customers)
        }
        if let answer = replacement(decision, on: endpoint) { return answer }
        var builder = PageBuilder(shape: configuration.shape, plan: plan, decision: decision, limit: limit)
        return answer(builder.catalogue(page: number, of: source), on: endpoint)
    }

    /// The answer that takes the place of the page; nil if there is none. A page cannot be repeated before the first.
    private func replacement(_ decision: FaultPlan.Decision, on endpoint: SimulatedEndpoint) -> HTTPServerResponse? {
        guard let fault = decision.replacement else { return nil }
        let answer: HTTPServerResponse
        switch fault.kind {
        case .status(let status, let seconds):
            var failure = Self.failure(status, "as asked for")
            if let seconds { failure.headers.append((name: "Retry-After", value: String(seconds))) }
            answer = failure
        case .hang:
            answer = HTTPServerResponse(delivery: .hang(millisecondsMax: Self.hangMillisecondsMax))
        case .html:
            answer = .html("<!DOCTYPE html>\n<html><body><h1>Down for maintenance</h1></body></html>\n")
        case .repeatedPage:
            guard let last = state.withLock({ $0.lastPages[endpoint] }) else { return nil }
            answer = .json(last)
        default:
            return nil
        }
        state.withLock { $0.counters.faultsFired[fault.name, default: 0] += 1 }
        return answer
    }

    private func answer(_ page: PageBuilder.Page, on endpoint: SimulatedEndpoint) -> HTTPServerResponse {
        state.withLock { state in
            state.counters.pagesByEndpoint[endpoint, default: 0] += 1
            state.counters.rowsByEndpoint[endpoint, default: 0] += page.rows
            for name in page.fired { state.counters.faultsFired[name, default: 0] += 1 }
            guard page.isWhole else { return }
            state.lastPages[endpoint] = page.body
            if let furthest = page.furthestSale { state.furthestSale = max(state.furthestSale, furthest) }
        }
        var answer = HTTPServerResponse.json(page.body)
        if page.isCut { answer.delivery = .cut(afterBytes: page.body.count / 2) }
        return answer
    }

    /// How many of the sales there are by now.
    private func visibleSales(of count: Int) -> Int {
        guard let atStart = configuration.salesAtStart else { return count }
        let elapsed = Double(configuration.nowMicroseconds() - startedAtMicroseconds) / 1_000_000
        let appeared = max(0, elapsed * configuration.salesPerSecond)
        guard appeared < Double(count) else { return count }
        return min(count, max(0, atStart) + Int(appeared))
    }

    private static func number(_ text: String) -> Int? {
        text.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } ? Int(text) : nil
    }

    private static func failure(_ status: Int, _ reason: String) -> HTTPServerResponse {
        .json(Array(#"{"error":"\#(reason)"}"#.utf8), status: status)
    }
}
