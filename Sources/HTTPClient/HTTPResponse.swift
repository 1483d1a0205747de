/// A complete answer of a server: status, header fields and the whole body, decompressed.
package struct HTTPResponse: Sendable {
    /// The status code, 100 to 599.
    package var status: Int
    /// The header fields of the last answer (not those of redirects before it).
    package var headers: HTTPHeaders
    /// The body after gzip and the like were undone.
    package var body: [UInt8]

    /// Makes an answer from its parts; tests use it in place of a server.
    package init(status: Int, headers: HTTPHeaders = HTTPHeaders(), body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}
