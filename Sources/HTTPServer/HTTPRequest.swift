/// A request as the handler gets it: whole, with its body read and its path and query decoded.
package struct HTTPRequest: Sendable {
    /// The method in capitals, such as `GET`.
    package let method: String
    /// The path, percent-decoded, without the query.
    package let path: String
    /// The query in order, percent-decoded; a name without `=` has an empty value.
    package let query: [(name: String, value: String)]
    /// The header fields in order.
    package let headers: [(name: String, value: String)]
    /// The body; empty if there is none.
    package let body: [UInt8]

    /// Makes a request by hand; tests of a handler need no server.
    package init(
        method: String = "GET", path: String, query: [(name: String, value: String)] = [],
        headers: [(name: String, value: String)] = [], body: [UInt8] = []
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
    }

    /// The first value of that name in the query; nil if there is none.
    package func query(named name: String) -> String? {
        query.first { $0.name == name }?.value
    }

    /// The first header field of that name, whatever its case; nil if there is none.
    package func header(named name: String) -> String? {
        let wanted = name.lowercased()
        return headers.first { $0.name.lowercased() == wanted }?.value
    }
}
