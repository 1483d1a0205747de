/// Told each time a request failed and will be tried again: for logs and counters.
package struct RetryNotice: Sendable, Hashable {
    /// The listing asked for.
    package let endpoint: Endpoint
    /// What was asked of it.
    package let request: String
    /// What kind of failure it was.
    package let code: RetailAPIError.Code
    /// What happened, in words; no key, no row.
    package let reason: String
    /// How often it has been tried so far.
    package let attempts: Int
    /// How long we wait before the next try, in milliseconds.
    package let waitMilliseconds: Int

    /// Makes a notice; tests of a log need no API.
    package init(
        endpoint: Endpoint, request: String, code: RetailAPIError.Code, reason: String, attempts: Int,
        waitMilliseconds: Int
    ) {
        self.endpoint = endpoint
        self.request = request
        self.code = code
        self.reason = reason
        self.attempts = attempts
        self.waitMilliseconds = waitMilliseconds
    }
}
