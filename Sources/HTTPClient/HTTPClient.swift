/// Asks HTTP and HTTPS servers by libcurl: connections are kept alive, gzip is undone, every limit is exact to the
/// millisecond and byte.
///
/// Any number of tasks may ask at once. Cancelling a task ends its request at once with the code `cancelled`; no
/// thread of Swift's pool waits for the network. Redirects are followed only within one origin (scheme, host, port),
/// because the caller's headers may hold a key. The proxy of the environment (`https_proxy` and the like) is used, except
/// for this machine itself. The client does not retry and keeps no cookies.
package final class HTTPClient: Sendable {
    private let configuration: HTTPClientConfiguration
    private let loop: TransferLoop

    /// Makes a client; its connections close when it is released.
    package init(_ configuration: HTTPClientConfiguration = HTTPClientConfiguration()) {
        self.configuration = configuration
        loop = TransferLoop(configuration)
    }

    /// Asks for a URL with `GET` and waits for the whole answer, whatever its status.
    ///
    /// Throws when no complete answer came: see `HTTPClientError.Code`. A redirect without an address to go to, or a
    /// status 304, is an answer.
    package func get(_ url: String, headers: [(String, String)] = []) async throws(HTTPClientError) -> HTTPResponse {
        guard let origin = URLParts(url) else {
            throw HTTPClientError(
                code: .invalidURL, url: "(unreadable)", reason: "this is not an absolute http or https URL")
        }
        if let name = Self.unusableHeader(in: headers) {
            throw HTTPClientError(
                code: .invalidHeader, url: origin.redacted, reason: "the header \(name) cannot be sent as it is")
        }
        var current = url
        var parts = origin
        for _ in 0...max(0, configuration.redirectsMax) {
            let outcome = try await transfer(current, parts, headers)
            guard Self.isRedirect(outcome.response.status), let next = outcome.redirectURL else {
                return outcome.response
            }
            guard let nextParts = URLParts(next), nextParts.hasSameOrigin(as: origin) else {
                throw HTTPClientError(
                    code: .redirectRefused, url: parts.redacted,
                    reason: "the server redirects to another origin (\(URLParts(next)?.redacted ?? "unreadable"))")
            }
            current = next
            parts = nextParts
        }
        throw HTTPClientError(
            code: .redirectRefused, url: origin.redacted,
            reason: "the server redirects more than \(configuration.redirectsMax) times in a row")
    }

    private func transfer(
        _ url: String, _ parts: URLParts, _ headers: [(String, String)]
    ) async throws(HTTPClientError) -> Transfer.Outcome {
        let cancellation = Transfer.Cancellation()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                loop.submit(
                    Transfer(
                        url: url, parts: parts, headers: headers, bodyBytesMax: configuration.bodyBytesMax,
                        cancellation: cancellation, continuation: continuation))
            }
        } onCancel: {
            cancellation.raise()
            loop.wake()
        }
        return try result.get()
    }

    private static func isRedirect(_ status: Int) -> Bool {
        switch status {
        case 301, 302, 303, 307, 308: true
        default: false
        }
    }

    /// The name of a header that would break the request apart, made harmless for a message.
    private static func unusableHeader(in headers: [(String, String)]) -> String? {
        for (name, value) in headers {
            let isToken = name.utf8.allSatisfy {
                $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: ";")
            }
            if name.isEmpty || !isToken { return "(unreadable)" }
            if value.utf8.contains(where: { ($0 < 0x20 && $0 != 0x09) || $0 == 0x7F }) { return name }
        }
        return nil
    }
}
