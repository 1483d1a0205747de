internal import HTTPClient

/// Asks the source API for pages and tries again as agreed: what it returns is a page whose array is whole.
///
/// - 401, 403: stop at once, `keyRefused`. Other 4xx: stop, `requestRefused`.
/// - 429, and 503 with `Retry-After`: wait as told (at most `retryAfterMillisecondsMax`), `throttleWaitsMax` times.
/// - 408, other 5xx, cut connections, timeouts, a body that is not a page: `retries` more tries, with waits that double
///   and that chance shortens.
///
/// What it returns is kept in the archive, if there is one: before anything can be published of it.
///
/// Any status 200 to 299 is a success. A cancelled task gets `CancellationError`. The client does not know which sales
/// the caller has: whether a page brings anything new, or rows below the start, is for the caller to see.
package struct RetailAPIClient: Sendable {
    /// How it asks.
    package private(set) var configuration: RetailAPIConfiguration
    let clock: APIClock
    let transport: HTTPTransport
    let archive: PageArchive?
    let onRetry: @Sendable (RetryNotice) -> Void

    /// Makes a client. Without a transport it asks by an `HTTPClient` of its own, made from the configuration; without
    /// an archive no page is kept.
    package init(
        configuration: RetailAPIConfiguration, clock: APIClock = .system, transport: HTTPTransport? = nil,
        archive: PageArchive? = nil, onRetry: @escaping @Sendable (RetryNotice) -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.clock = clock
        self.archive = archive
        self.onRetry = onRetry
        self.transport =
            transport
            ?? .client(
                HTTPClient(
                    HTTPClientConfiguration(
                        timeoutMilliseconds: configuration.timeoutMilliseconds,
                        connectTimeoutMilliseconds: min(10_000, max(1, configuration.timeoutMilliseconds)),
                        bodyBytesMax: configuration.bodyBytesMax,
                        certificateAuthorityFile: configuration.certificateAuthorityFile)))
    }

    /// The same client for sales of at most so many bytes: a page with a larger one counts as unreadable.
    package func accepting(saleBytesMax: Int) -> RetailAPIClient {
        var client = self
        client.configuration.saleBytesMax = saleBytesMax
        return client
    }

    /// Page N, from 1, of all products. Throws `RetailAPIError` or `CancellationError`.
    package func products(page: Int) async throws -> APIPage {
        try await catalogue(.products, page: page)
    }

    /// Page N, from 1, of all customers. Throws `RetailAPIError` or `CancellationError`.
    package func customers(page: Int) async throws -> APIPage {
        try await catalogue(.customers, page: page)
    }

    private func catalogue(_ endpoint: Endpoint, page: Int) async throws -> APIPage {
        try await fetch(
            PageRequest(
                endpoint: endpoint, parameter: "page", value: String(page), limit: max(1, configuration.pageSize)))
    }
}
