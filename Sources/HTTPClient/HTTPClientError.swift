/// Why a request brought no answer. An answer with status 500 is an answer, not one of these.
package struct HTTPClientError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of failure; open, so that a later version can tell more of them apart.
    package struct Code: RawRepresentable, Hashable, Sendable {
        /// A short, bounded label, fit for a metric.
        package let rawValue: String

        /// Makes a code from its label.
        package init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// Nobody listens at that address, or no way leads to it.
        package static let connectionRefused = Code(rawValue: "connection_refused")
        /// The request or its connection took longer than allowed.
        package static let timedOut = Code(rawValue: "timed_out")
        /// The host's name is not known.
        package static let nameNotResolved = Code(rawValue: "name_not_resolved")
        /// No trusted encrypted connection came about: certificate, authority file or handshake.
        package static let tls = Code(rawValue: "tls")
        /// The connection broke before the answer was complete.
        package static let connectionCut = Code(rawValue: "connection_cut")
        /// The body is larger than `bodyBytesMax`, or the header fields than 256 KiB.
        package static let tooLarge = Code(rawValue: "too_large")
        /// The task that asked was cancelled.
        package static let cancelled = Code(rawValue: "cancelled")
        /// The URL cannot be read, or is not http or https.
        package static let invalidURL = Code(rawValue: "invalid_url")
        /// A header field that may not be sent (a control character, an empty name).
        package static let invalidHeader = Code(rawValue: "invalid_header")
        /// The server sends us to another origin, where the request's headers must not go, or in a circle.
        package static let redirectRefused = Code(rawValue: "redirect_refused")
        /// What came is not HTTP, or its compression is broken.
        package static let invalidAnswer = Code(rawValue: "invalid_answer")
        /// Something else; the reason has libcurl's words.
        package static let other = Code(rawValue: "other")
    }

    /// What kind of failure this is.
    package let code: Code
    /// The URL without user, password and values that may be secret.
    package let url: String
    /// What happened, in words.
    package let reason: String

    /// Makes an error; `url` is shown as it is and so must be free of secrets.
    package init(code: Code, url: String, reason: String) {
        self.code = code
        self.url = url
        self.reason = reason
    }

    /// Whether the same request may succeed later without anyone changing anything.
    package var isRetriable: Bool {
        switch code {
        case .connectionRefused, .timedOut, .nameNotResolved, .connectionCut, .invalidAnswer: true
        default: false
        }
    }

    /// What went wrong, where, and what to do.
    package var description: String {
        let advice = advice.map { "; \($0)" } ?? ""
        return "GET \(url): \(reason)\(advice)"
    }

    private var advice: String? {
        switch code {
        case .connectionRefused: "check host and port, and that the server runs"
        case .timedOut: "raise the timeout or look at the server's load"
        case .nameNotResolved: "check the host's name and the resolver"
        case .tls: "check the certificate and the file of certificate authorities"
        case .tooLarge: "ask for smaller pages or raise the limit"
        case .invalidURL: "check the base URL"
        case .redirectRefused: "use the address that the server names as the base URL, if it can be trusted"
        default: nil
        }
    }
}
