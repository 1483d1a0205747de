import HTTPClient
import RetailAPI
import Testing

@Suite("Tries and waits of the API client", .timeLimit(.minutes(1)))
struct RetryTests {
    @Test("401 and 403 stop at once: the key is refused", arguments: [401, 403])
    func keyRefused(status: Int) async throws {
        let script = APIScript(.status(status, ["Retry-After": "1"]))
        let client = try script.client()
        let error = await apiError { try await client.sales(from: .id(1)) }
        #expect(error?.code == .keyRefused)
        #expect(error?.isRetriable == false)
        #expect(error?.status == status)
        #expect(script.urls.count == 1)
        #expect(script.waits.isEmpty)
    }

    @Test("Another 4xx stops at once: the request is refused", arguments: [400, 404, 405, 410, 422, 451])
    func requestRefused(status: Int) async throws {
        let script = APIScript(.status(status))
        let client = try script.client()
        let error = await apiError { try await client.products(page: 3) }
        #expect(error?.code == .requestRefused)
        #expect(script.urls.count == 1)
    }

    @Test("408 and 5xx are tried three times more, with waits that double", arguments: [408, 500, 502, 503, 504, 599])
    func serverFailed(status: Int) async throws {
        let script = APIScript(.status(status))
        let client = try script.client()
        let error = await apiError { try await client.sales(from: .id(1)) }
        #expect(error?.code == .serverFailed)
        #expect(error?.attempts == 4)
        #expect(error?.isRetriable == true)
        #expect(script.urls.count == 4)
        #expect(script.waits == [1_000, 2_000, 4_000])
        #expect(script.notices.map(\.attempts) == [1, 2, 3])
        #expect(script.notices.map(\.waitMilliseconds) == [1_000, 2_000, 4_000])
    }

    @Test("Chance takes up to half of a wait away")
    func jitter() async throws {
        let script = APIScript(random: 0.5, .status(500))
        let client = try script.client()
        _ = await apiError { try await client.sales(from: .id(1)) }
        #expect(script.waits == [750, 1_500, 3_000])
    }

    @Test("Waits grow to the longest allowed and no further")
    func longestWait() async throws {
        let script = APIScript(.status(500))
        let client = try script.client {
            $0.retries = 60
            $0.backoffMillisecondsMax = 5_000
        }
        _ = await apiError { try await client.sales(from: .id(1)) }
        #expect(script.waits.prefix(5) == [1_000, 2_000, 4_000, 5_000, 5_000])
        #expect(script.waits.count == 60)
        #expect(script.waits.max() == 5_000)
    }

    @Test(
        "No answer is tried three times more",
        arguments: [
            HTTPClientError.Code.connectionRefused, .timedOut, .connectionCut, .nameNotResolved, .invalidAnswer, .other,
        ])
    func unreachable(code: HTTPClientError.Code) async throws {
        let script = APIScript(.error(code))
        let client = try script.client()
        let error = await apiError { try await client.customers(page: 1) }
        #expect(error?.code == .unreachable)
        #expect(script.urls.count == 4)
    }

    @Test("What no further try can heal is not tried again")
    func lasting() async throws {
        let cases: [(HTTPClientError.Code, RetailAPIError.Code)] = [
            (.tls, .unreachable), (.invalidURL, .configuration), (.invalidHeader, .configuration),
            (.redirectRefused, .requestRefused), (.tooLarge, .tooLarge),
        ]
        for (code, expected) in cases {
            let script = APIScript(.error(code))
            let client = try script.client()
            let error = await apiError { try await client.products(page: 1) }
            #expect(error?.code == expected)
            #expect(error?.attempts == 1)
            #expect(script.urls.count == 1)
        }
    }

    @Test("A try that succeeds gives its page, and the waits before it are told")
    func recovers() async throws {
        let script = APIScript(.status(500), .error(.connectionCut), .status(200, [:], "<html>"), .page(7))
        let client = try script.client()
        let page = try await client.sales(from: .id(7))
        #expect(page.rows.count == 1)
        #expect(script.waits == [1_000, 2_000, 4_000])
        #expect(script.notices.map(\.code) == [.serverFailed, .unreachable, .notAPage])
    }

    @Test("429 and 503 wait as Retry-After says, and these waits do not use up the tries", arguments: [429, 503])
    func retryAfter(status: Int) async throws {
        let wait = APIScript.Answer.status(status, ["retry-after": "7"])
        let script = APIScript(wait, wait, wait, wait, wait, .status(500), .status(500), .status(500), .page(1))
        let client = try script.client()
        _ = try await client.sales(from: .id(1))
        #expect(script.waits == [7_000, 7_000, 7_000, 7_000, 7_000, 1_000, 2_000, 4_000])
        #expect(script.notices.first?.code == .throttled)
    }

    @Test("A date in Retry-After is waited for, by the server's clock if it tells it")
    func retryAfterDate() async throws {
        // The script's clock stands at 2023-11-14T22:13:20Z.
        let script = APIScript(
            .status(429, ["Retry-After": "Tue, 14 Nov 2023 22:13:50 GMT"]),
            .status(429, ["Retry-After": "Tue, 14 Nov 2023 09:00:05 GMT", "Date": "Tue, 14 Nov 2023 09:00:00 GMT"]),
            .page(1))
        let client = try script.client()
        _ = try await client.sales(from: .id(1))
        #expect(script.waits == [30_000, 5_000])
    }

    @Test(
        "A Retry-After that is absurd is bounded, one that is nothing or nonsense is replaced by the backoff",
        arguments: [
            ("86400", 300_000), ("99999999999999999999999", 300_000), ("Fri, 31 Dec 2999 23:59:59 GMT", 300_000),
            ("0", 1_000), ("Mon, 01 Jan 1990 00:00:00 GMT", 1_000), ("soon", 1_000), ("-5", 1_000), ("1.5", 1_000),
        ])
    func retryAfterBounds(header: String, expected: Int) async throws {
        let script = APIScript(.status(429, ["Retry-After": header]), .page(1))
        let client = try script.client()
        _ = try await client.sales(from: .id(1))
        #expect(script.waits == [expected])
    }

    @Test("A server that throttles for ever is given up after the waits allowed")
    func throttledForEver() async throws {
        let script = APIScript(.status(429, ["Retry-After": "2"]))
        let client = try script.client { $0.throttleWaitsMax = 4 }
        let error = await apiError { try await client.sales(from: .id(1)) }
        #expect(error?.code == .throttled)
        #expect(script.waits == [2_000, 2_000, 2_000, 2_000])
    }

    @Test("A cancelled task gets CancellationError, while it asks and while it waits")
    func cancelled() async throws {
        let asking = try APIScript(.error(.cancelled)).client()
        await #expect(throws: CancellationError.self) { try await asking.sales(from: .id(1)) }

        let script = APIScript(.status(500))
        let waiting = try script.client()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await waiting.sales(from: .id(1))
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(script.urls.isEmpty)
    }
}
