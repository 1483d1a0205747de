/// Why the source API gave no page. A cancelled task gets `CancellationError` instead.
package struct RetailAPIError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of failure; open, so that a later version can tell more of them apart.
    package struct Code: RawRepresentable, Hashable, Sendable {
        /// A short, bounded label, fit for a metric.
        package let rawValue: String

        /// Makes a code from its label.
        package init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// 401 or 403: the key is wrong or has no right.
        package static let keyRefused = Code(rawValue: "key_refused")
        /// Another 4xx, or a redirect elsewhere: the request is refused and would be again.
        package static let requestRefused = Code(rawValue: "request_refused")
        /// 429 or 503 with `Retry-After`, more times than we wait for.
        package static let throttled = Code(rawValue: "throttled")
        /// 408 or 5xx, also in every further try.
        package static let serverFailed = Code(rawValue: "server_failed")
        /// No complete answer in every try: refused, timed out, cut, name unknown, TLS.
        package static let unreachable = Code(rawValue: "unreachable")
        /// The answer is not JSON, or JSON without an array of rows, in every try.
        package static let notAPage = Code(rawValue: "not_a_page")
        /// The array of rows is broken: cut off, unbalanced, or with something between the rows.
        package static let pageBroken = Code(rawValue: "page_broken")
        /// The answer is larger than `bodyBytesMax`.
        package static let tooLarge = Code(rawValue: "too_large")
        /// A sale is larger than a record of the topic may be.
        package static let rowTooLarge = Code(rawValue: "row_too_large")
        /// The archive of pages lacks a directory or a file that can't be made.
        package static let archiveNotCreated = Code(rawValue: "archive_not_created")
        /// A page can't be written to the archive.
        package static let archiveNotWritten = Code(rawValue: "archive_not_written")
        /// The base URL or the key's header cannot be used.
        package static let configuration = Code(rawValue: "configuration")
    }

    /// What kind of failure this is.
    package let code: Code
    /// The listing asked for.
    package let endpoint: Endpoint
    /// What was asked of it, such as `start_sales_id=536365, limit 250`.
    package let request: String
    /// The status of the last answer, if there was one.
    package let status: Int?
    /// How often it was tried.
    package let attempts: Int
    /// What happened the last time, in words; no key, no row.
    package let reason: String
    /// The file that has the answer, of an answer that could not be read.
    package var keptAs: String?

    /// Makes an error; `reason` and `request` are shown as they are and so must be free of secrets.
    package init(
        code: Code, endpoint: Endpoint, request: String, status: Int? = nil, attempts: Int = 1, reason: String
    ) {
        self.code = code
        self.endpoint = endpoint
        self.request = request
        self.status = status
        self.attempts = attempts
        self.reason = reason
    }

    /// Whether the same request may succeed later without anyone changing anything here.
    package var isRetriable: Bool {
        switch code {
        case .throttled, .serverFailed, .unreachable, .notAPage, .archiveNotCreated, .archiveNotWritten: true
        default: isUnreadable
        }
    }

    /// Whether an answer came that can't be read: it may be repaired by hand.
    package var isUnreadable: Bool {
        switch code {
        case .notAPage, .pageBroken, .tooLarge, .rowTooLarge: true
        default: false
        }
    }

    /// What went wrong, where, and what to do.
    package var description: String {
        let tries = attempts > 1 ? " (tried \(attempts) times)" : ""
        return "API, \(endpoint.rawValue) (\(request)): \(reason)\(tries)\(advice.map { "; \($0)" } ?? "")"
    }

    private var advice: String? {
        switch code {
        case .keyRefused: "check the API key and its rights"
        case .requestRefused, .configuration: "check api.base_url and what is asked"
        case .throttled: "ask less often, or wait"
        case .serverFailed, .unreachable: "try again later"
        case .archiveNotCreated, .archiveNotWritten: "make room or check extract.archive_directory; no page is lost"
        default: isUnreadable ? unreadableAdvice : nil
        }
    }

    private var unreadableAdvice: String {
        let first =
            switch code {
            case .notAPage: "check that api.base_url is the API and not a web page before it"
            case .tooLarge where endpoint != .sales: "lower api.page_size"
            case .rowTooLarge: "raise max.message.bytes of the topic, or tell the API's owner"
            default: "tell the API's owner"
            }
        guard let keptAs else { return "\(first), or set extract.archive_directory to have the page kept for repair" }
        guard endpoint == .sales else { return "\(first); the answer is kept in \(keptAs)" }
        return "\(first), or repair the page that is kept, and publish it with: "
            + "retailflow extract --endpoint sales --from-file \(keptAs)"
    }
}
