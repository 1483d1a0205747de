/// Decides, failure by failure, whether one request is tried again and after what wait. No clock, no network: a value.
struct RetryPolicy {
    /// How an attempt failed.
    enum Failure {
        /// An answer with a status that is no success; the wait asked for, if `Retry-After` could be read.
        case status(Int, retryAfterMilliseconds: Int?)
        /// No complete answer, but it may come another time.
        case passing
        /// No answer, and none will come without a change.
        case lasting
        /// A body that is not a page.
        case body
    }

    /// What to do about it.
    enum Action: Hashable {
        case retry(waitMilliseconds: Int)
        case giveUp
    }

    let retriesMax: Int
    let backoff: Backoff
    let retryAfterMillisecondsMax: Int
    let throttleWaitsMax: Int
    private(set) var retries = 0
    private(set) var throttleWaits = 0

    init(_ configuration: RetailAPIConfiguration, retriesMax: Int) {
        self.retriesMax = retriesMax
        backoff = configuration.backoff
        retryAfterMillisecondsMax = max(0, configuration.retryAfterMillisecondsMax)
        throttleWaitsMax = configuration.throttleWaitsMax
    }

    /// Takes a failure into account; `random` is a number from 0 up to 1.
    mutating func next(after failure: Failure, random: Double) -> Action {
        switch failure {
        case .status(429, let wait): return throttled(wait, random)
        // Without the header a 503 says no more than any 5xx.
        case .status(503, let wait?): return throttled(wait, random)
        case .status(let status, _): return status == 408 || status >= 500 ? passing(random) : .giveUp
        case .passing, .body: return passing(random)
        case .lasting: return .giveUp
        }
    }

    private mutating func passing(_ random: Double) -> Action {
        guard retries < retriesMax else { return .giveUp }
        retries += 1
        return .retry(waitMilliseconds: backoff.milliseconds(afterTry: retries, random: random))
    }

    private mutating func throttled(_ wait: Int?, _ random: Double) -> Action {
        guard throttleWaits < throttleWaitsMax else { return .giveUp }
        throttleWaits += 1
        // "0 seconds" is an invitation to hammer: the backoff then decides.
        guard let wait, wait > 0 else {
            return .retry(waitMilliseconds: backoff.milliseconds(afterTry: throttleWaits, random: random))
        }
        return .retry(waitMilliseconds: min(wait, retryAfterMillisecondsMax))
    }
}
