import HTTPClient
import RetailAPI
import Synchronization

/// Plays the network and the clock for a client: answers as told, and waiting only moves the clock on.
final class APIScript: Sendable {
    typealias Answer = Result<HTTPResponse, HTTPClientError>

    struct Log {
        var urls: [String] = []
        var headers: [[String: String]] = []
        var waits: [Int] = []
        var notices: [RetryNotice] = []
        var nowMicroseconds: Int64 = 1_700_000_000_000_000
    }

    private let log = Mutex(Log())
    private let answer: @Sendable (_ request: Int, _ url: String) -> Answer
    private let random: Double

    /// `answer` gets the number of the request, from 0, and its URL.
    init(random: Double = 0, answer: @escaping @Sendable (_ request: Int, _ url: String) -> Answer) {
        self.random = random
        self.answer = answer
    }

    /// Answers in this order; the last one stays.
    convenience init(random: Double = 0, _ answers: Answer...) {
        self.init(random: random) { request, _ in answers[min(request, answers.count - 1)] }
    }

    var urls: [String] { log.withLock { $0.urls } }
    var headers: [[String: String]] { log.withLock { $0.headers } }
    var waits: [Int] { log.withLock { $0.waits } }
    var notices: [RetryNotice] { log.withLock { $0.notices } }

    func client(
        archive: PageArchive? = nil, _ change: (inout RetailAPIConfiguration) -> Void = { _ in }
    ) throws -> RetailAPIClient {
        guard let key = APIKey("s3cret") else { throw CancellationError() }
        var configuration = RetailAPIConfiguration(baseURL: "http://api.test/v1/", key: key)
        change(&configuration)
        return RetailAPIClient(
            configuration: configuration,
            clock: APIClock(
                nowMicroseconds: { self.log.withLock { $0.nowMicroseconds } },
                sleep: { milliseconds in
                    self.log.withLock {
                        $0.waits.append(milliseconds)
                        $0.nowMicroseconds += Int64(milliseconds) * 1_000
                    }
                    try Task.checkCancellation()
                },
                random: { self.random }),
            transport: HTTPTransport { (url, headers) async throws(HTTPClientError) in
                let request = self.log.withLock { log in
                    log.urls.append(url)
                    log.headers.append(Dictionary(headers) { first, _ in first })
                    return log.urls.count - 1
                }
                return try self.answer(request, url).get()
            }, archive: archive,
            onRetry: { notice in self.log.withLock { $0.notices.append(notice) } })
    }
}

extension Result where Success == HTTPResponse, Failure == HTTPClientError {
    /// An answer with a status, header fields and a body.
    static func status(_ status: Int, _ headers: HTTPHeaders = [:], _ body: String = "[]") -> Self {
        .success(HTTPResponse(status: status, headers: headers, body: Array(body.utf8)))
    }

    /// A good page with these ids.
    static func page(_ ids: Int...) -> Self {
        .status(200, [:], "[" + ids.map { "{\"id\":\($0)}" }.joined(separator: ",") + "]")
    }

    /// No answer.
    static func error(_ code: HTTPClientError.Code) -> Self {
        .failure(HTTPClientError(code: code, url: "http://api.test/v1/sales", reason: "as asked for"))
    }
}

/// The error that a call ends with; nil if there is none.
func apiError(_ body: () async throws -> some Any) async -> RetailAPIError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? RetailAPIError
    }
}
