/// What a handler answers.
package struct HTTPServerResponse: Sendable {
    /// How much of the answer really goes out. A server that pretends to be broken needs the other two.
    package enum Delivery: Sendable, Hashable {
        /// All of it.
        case whole
        /// The headers with the full length, then so many bytes of the body, then the connection is cut.
        case cut(afterBytes: Int)
        /// Nothing: the connection is held until the client leaves, the server stops or so many milliseconds passed.
        case hang(millisecondsMax: Int)
    }

    /// The status code, 100 to 599.
    package var status: Int
    /// The header fields; `Date` and `Content-Length` are added by the server.
    package var headers: [(name: String, value: String)]
    /// The body.
    package var body: [UInt8]
    /// How much of it goes out.
    package var delivery: Delivery

    /// Makes an answer from its parts.
    package init(
        status: Int = 200, headers: [(name: String, value: String)] = [], body: [UInt8] = [],
        delivery: Delivery = .whole
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.delivery = delivery
    }

    /// An answer with a body of a content type.
    package init(status: Int = 200, contentType: String, body: [UInt8]) {
        self.init(status: status, headers: [(name: "Content-Type", value: contentType)], body: body)
    }

    /// Plain text in UTF-8.
    package static func text(_ text: String, status: Int = 200) -> HTTPServerResponse {
        HTTPServerResponse(status: status, contentType: "text/plain; charset=utf-8", body: Array(text.utf8))
    }

    /// A web page in UTF-8.
    package static func html(_ text: String, status: Int = 200) -> HTTPServerResponse {
        HTTPServerResponse(status: status, contentType: "text/html; charset=utf-8", body: Array(text.utf8))
    }

    /// JSON in UTF-8, which the caller has made.
    package static func json(_ body: [UInt8], status: Int = 200) -> HTTPServerResponse {
        HTTPServerResponse(status: status, contentType: "application/json", body: body)
    }
}
