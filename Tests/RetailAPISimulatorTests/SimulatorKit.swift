import Foundation
import RetailAPI
import RetailAPISimulator
import Synchronization

/// A simulator with a client that never really waits.
struct SimulatorKit {
    let simulator: RetailAPISimulator
    let client: RetailAPIClient
    private let notices: NoticeList

    /// The failures that were tried again, as codes.
    var retried: [String] { notices.all.map(\.code.rawValue) }

    init(_ configuration: SimulatorConfiguration, key: String = "test-key", timeoutMilliseconds: Int = 10_000) throws {
        simulator = try RetailAPISimulator(configuration)
        let notices = NoticeList()
        self.notices = notices
        guard let key = APIKey(key) else { throw CancellationError() }
        client = RetailAPIClient(
            configuration: RetailAPIConfiguration(
                baseURL: simulator.baseURL, key: key, keyHeader: configuration.keyHeader,
                timeoutMilliseconds: timeoutMilliseconds),
            clock: APIClock(
                nowMicroseconds: { 1_700_000_000_000_000 }, sleep: { _ in try Task.checkCancellation() },
                random: { 0.5 }),
            onRetry: { notices.append($0) })
    }

    /// A made-up shop with so many sales.
    init(
        sales: Int, products: Int = 600, faults: [Fault] = [],
        _ change: (inout SimulatorConfiguration) -> Void = { _ in }
    )
        throws
    {
        var configuration = SimulatorConfiguration(
            data: .generated(GeneratedDataConfiguration(sales: sales, products: products, customers: 300)))
        configuration.faults = faults
        change(&configuration)
        try self.init(configuration)
    }

    /// The rows of a page as text.
    static func rows(_ page: APIPage) -> [String] {
        page.rows.map { String(decoding: page.body[$0], as: UTF8.self) }
    }

    /// The ids of a page, 0 for a row without a readable one.
    static func ids(_ page: APIPage) -> [Int64] {
        rows(page).map { row in
            guard row.hasPrefix(#"{"id":"#) else { return 0 }
            return Int64(row.dropFirst(6).prefix { $0.isNumber }) ?? 0
        }
    }

    /// Asks for sales from the last id on until a page brings nothing new, as a caller does; the rows by id, the last
    /// that came of each.
    func allSales(from start: Int64 = 0) async throws -> [Int64: String] {
        var sales: [Int64: String] = [:]
        var last = start
        while true {
            let page = try await client.sales(from: .id(last))
            let ids = Self.ids(page)
            for (id, row) in zip(ids, Self.rows(page)) { sales[id] = row }
            guard let furthest = ids.max(), furthest > last else { return sales }
            last = furthest
        }
    }

    /// Asks for pages of products until two in a row are empty.
    func allProducts() async throws -> [String] {
        var products: [String] = []
        var page = 1
        var empty = 0
        while empty < 2 {
            let rows = Self.rows(try await client.products(page: page))
            empty = rows.isEmpty ? empty + 1 : 0
            products += rows
            page += 1
        }
        return products
    }

    private final class NoticeList: Sendable {
        private let list = Mutex<[RetryNotice]>([])

        var all: [RetryNotice] { list.withLock { $0 } }

        func append(_ notice: RetryNotice) { list.withLock { $0.append(notice) } }
    }
}

/// The object that a row is as JSON; nil if it is none.
func object(_ row: String) -> [String: Any]? {
    (try? JSONSerialization.jsonObject(with: Data(row.utf8))) as? [String: Any]
}
