/// How to reach the source API and how patient to be with it.
package struct RetailAPIConfiguration: Sendable {
    /// Everything before `/sales`, such as `https://api.example.com/v1`.
    package var baseURL: String
    /// The key sent with every request.
    package var key: APIKey
    /// The header that carries the key.
    package var keyHeader: String
    /// The rows to ask for in one page.
    package var pageSize: Int
    /// The time for one request, in milliseconds.
    package var timeoutMilliseconds: Int
    /// How many more tries follow a first one that failed in passing (408, 5xx, cut connection, timeout, not JSON).
    package var retries: Int
    /// The wait before the first of these tries, in milliseconds; it doubles each time and is shortened by chance to
    /// between half and all of it.
    package var backoffMilliseconds: Int
    /// The longest such wait, in milliseconds.
    package var backoffMillisecondsMax: Int
    /// The longest wait that a `Retry-After` may impose, in milliseconds; after it we ask again all the same.
    package var retryAfterMillisecondsMax: Int
    /// How many times one request waits because the server says "too many" (429, or 503 with `Retry-After`) before it
    /// gives up; `Int.max` to wait for ever.
    package var throttleWaitsMax: Int
    /// The largest answer, in bytes after decompression.
    package var bodyBytesMax: Int
    /// The largest sale, in bytes: what a record of the topic can hold. The default fits a topic with Kafka's defaults.
    package var saleBytesMax: Int
    /// A PEM file with the certificate authorities to trust in place of the system's.
    package var certificateAuthorityFile: String?

    /// Makes a configuration; times in milliseconds, sizes in bytes.
    package init(
        baseURL: String,
        key: APIKey,
        keyHeader: String = "X-API-Key",
        pageSize: Int = 250,
        timeoutMilliseconds: Int = 30_000,
        retries: Int = 3,
        backoffMilliseconds: Int = 1_000,
        backoffMillisecondsMax: Int = 60_000,
        retryAfterMillisecondsMax: Int = 300_000,
        throttleWaitsMax: Int = 10,
        bodyBytesMax: Int = 64 << 20,
        saleBytesMax: Int = 960 << 10,
        certificateAuthorityFile: String? = nil
    ) {
        self.baseURL = baseURL
        self.key = key
        self.keyHeader = keyHeader
        self.pageSize = pageSize
        self.timeoutMilliseconds = timeoutMilliseconds
        self.retries = retries
        self.backoffMilliseconds = backoffMilliseconds
        self.backoffMillisecondsMax = backoffMillisecondsMax
        self.retryAfterMillisecondsMax = retryAfterMillisecondsMax
        self.throttleWaitsMax = throttleWaitsMax
        self.bodyBytesMax = bodyBytesMax
        self.saleBytesMax = saleBytesMax
        self.certificateAuthorityFile = certificateAuthorityFile
    }

    /// The waits between tries.
    package var backoff: Backoff {
        Backoff(firstMilliseconds: backoffMilliseconds, millisecondsMax: backoffMillisecondsMax)
    }
}
