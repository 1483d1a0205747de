package import HTTPClient

/// The door to the network: a URL and headers in, a whole answer out. Tests put an answer of their own behind it.
package struct HTTPTransport: Sendable {
    /// Asks with `GET`; throws when no complete answer came.
    package var get:
        @Sendable (_ url: String, _ headers: [(String, String)]) async throws(HTTPClientError) -> HTTPResponse

    /// Makes a transport from a closure.
    package init(
        get:
            @escaping @Sendable (_ url: String, _ headers: [(String, String)]) async throws(HTTPClientError)
            -> HTTPResponse
    ) {
        self.get = get
    }

    /// Asks through an HTTP client, which the transport keeps alive.
    package static func client(_ client: HTTPClient) -> HTTPTransport {
        HTTPTransport { (url, headers) async throws(HTTPClientError) in try await client.get(url, headers: headers) }
    }
}
