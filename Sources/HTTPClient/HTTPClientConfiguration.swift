/// The limits that every request of one `HTTPClient` keeps.
package struct HTTPClientConfiguration: Sendable {
    /// The time for a whole request, from its start to its last byte, in milliseconds (`CURLOPT_TIMEOUT_MS`); 0 for no
    /// end. Each step of a redirect counts anew.
    package var timeoutMilliseconds: Int
    /// The time for the connection alone, TLS included, in milliseconds (`CURLOPT_CONNECTTIMEOUT_MS`).
    package var connectTimeoutMilliseconds: Int
    /// The largest body, in bytes after decompression; a larger one is an error and is not read to its end.
    package var bodyBytesMax: Int
    /// A PEM file with the certificate authorities to trust in place of the system's (`CURLOPT_CAINFO`).
    package var certificateAuthorityFile: String?
    /// How many connections to one host may be open at once; further requests wait for a free one.
    package var connectionsPerHostMax: Int
    /// How many redirects in a row are followed, always on one and the same origin.
    package var redirectsMax: Int
    /// What the client calls itself in the `User-Agent` header.
    package var userAgent: String

    /// Makes a configuration; times in milliseconds, sizes in bytes.
    package init(
        timeoutMilliseconds: Int = 30_000,
        connectTimeoutMilliseconds: Int = 10_000,
        bodyBytesMax: Int = 64 << 20,
        certificateAuthorityFile: String? = nil,
        connectionsPerHostMax: Int = 8,
        redirectsMax: Int = 5,
        userAgent: String = "RetailFlow"
    ) {
        self.timeoutMilliseconds = timeoutMilliseconds
        self.connectTimeoutMilliseconds = connectTimeoutMilliseconds
        self.bodyBytesMax = bodyBytesMax
        self.certificateAuthorityFile = certificateAuthorityFile
        self.connectionsPerHostMax = connectionsPerHostMax
        self.redirectsMax = redirectsMax
        self.userAgent = userAgent
    }
}
