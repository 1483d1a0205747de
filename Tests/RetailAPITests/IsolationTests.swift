import Foundation
import HTTPClient
import RetailAPI
import Testing

@Suite("Finding the row that breaks a page", .timeLimit(.minutes(1)))
struct IsolationTests {
    /// An API with the sales 1 to `count`, of which one is written so that it breaks the array around it.
    private func api(count: Int, bad: Int, inclusive: Bool) -> APIScript {
        APIScript { _, url in
            let items = URLComponents(string: url)?.queryItems ?? []
            func number(_ name: String) -> Int { Int(items.first { $0.name == name }?.value ?? "") ?? 0 }
            let start = max(1, number("start_sales_id") + (inclusive ? 0 : 1))
            let ids = start..<max(start, min(count + 1, start + number("limit")))
            let rows = ids.map { $0 == bad ? "{\"id\":\($0),\"open\":[}" : "{\"id\":\($0)}" }
            return .status(200, [:], "[\(rows.joined(separator: ","))]")
        }
    }

    private func ids(of page: APIPage) -> [Int] {
        page.rows.compactMap { row in
            let text = String(decoding: page.body[row], as: UTF8.self)
            return Int(text.dropFirst(6).dropLast())
        }
    }

    @Test(
        "All rows before the bad one are had, in pages that lead on; then the error names the last sale before it",
        arguments: [true, false], [2, 3, 4, 57, 63, 125, 126, 250, 251, 300])
    func walk(inclusive: Bool, bad: Int) async throws {
        let script = api(count: 400, bad: bad, inclusive: inclusive)
        let client = try script.client { $0.retries = 1 }
        var last = 0
        var error: RetailAPIError?
        while error == nil {
            do {
                let page = try await client.sales(from: .id(Int64(last)))
                let found = ids(of: page)
                let furthest = try #require(found.max())
                // A page that brings nothing new would be taken for the end.
                try #require(furthest > last)
                #expect(found.contains(last + 1))
                last = furthest
            } catch let caught as RetailAPIError {
                error = caught
            }
        }
        #expect(last == bad - 1)
        #expect(error?.code == .pageBroken)
        #expect(error?.request.contains("start_sales_id=\(bad - 1)") == true)
    }

    @Test("The smaller limits are 125, 62, 31, 15, 7, 3 and 1, asked without waiting")
    func limits() async throws {
        let script = api(count: 400, bad: 1, inclusive: true)
        let client = try script.client()
        let error = await apiError { try await client.sales(from: .id(1)) }
        #expect(error?.code == .pageBroken)
        let limits = script.urls.map { Int($0.split(separator: "=").last ?? "") ?? 0 }
        #expect(limits == [250, 250, 250, 250, 125, 62, 31, 15, 7, 3, 1])
        #expect(error?.attempts == 11)
        #expect(script.waits == [1_000, 2_000, 4_000])
    }

    @Test("A page that was cut only once is asked again with the same limit, and that is all")
    func cutOnce() async throws {
        let script = APIScript(.status(200, [:], #"[{"id":1},{"id":"#), .page(1, 2))
        let client = try script.client()
        let page = try await client.sales(from: .id(1))
        #expect(page.rows.count == 2)
        #expect(page.requestedLimit == 250)
        #expect(script.urls.count == 2)
    }

    @Test("A start by date is isolated as well")
    func byDate() async throws {
        let script = APIScript { _, url in
            url.hasSuffix("limit=1") ? .page(5) : .status(200, [:], #"[{"id":5},{"id":6]"#)
        }
        let client = try script.client()
        let page = try await client.sales(from: .date("2024-05-01"))
        #expect(ids(of: page) == [5])
        #expect(page.requestedLimit == 1)
    }

    @Test("A page that is too large is asked for with fewer sales")
    func tooLarge() async throws {
        let script = APIScript { _, url in
            (Int(url.split(separator: "=").last ?? "") ?? 0) > 50 ? .error(.tooLarge) : .page(1, 2, 3)
        }
        let client = try script.client()
        let page = try await client.sales(from: .id(0))
        #expect(page.requestedLimit == 31)
        #expect(script.waits.isEmpty)
    }

    @Test("An outage while the limits shrink is that outage, not a broken page")
    func outage() async throws {
        let script = APIScript { _, url in
            url.hasSuffix("limit=250") ? .status(200, [:], "[1") : .status(401)
        }
        let client = try script.client()
        #expect(await apiError { try await client.sales(from: .id(0)) }?.code == .keyRefused)
    }

    @Test("A broken page of a catalogue is tried again and then given up: its rows have no smaller page")
    func catalogue() async throws {
        let script = APIScript(.status(200, [:], "[1"))
        let client = try script.client()
        #expect(await apiError { try await client.products(page: 1) }?.code == .pageBroken)
        #expect(script.urls.count == 4)
    }
}
