internal import CPostgreSQL
internal import Foundation

/// Where a database is and how to reach it: a connection URL as libpq takes it, completed by libpq's own environment
/// (`PGHOST`, `PGPASSWORD`, `PGPASSFILE`, `PGSSLMODE`, `PGSSLROOTCERT`, …).
///
/// TLS is libpq's: `?sslmode=verify-full&sslrootcert=FILE`, `sslcert`, `sslkey`. The URL is secret, because it may hold a
/// password; nothing here shows more of it than host, port and database.
package struct ConnectionParameters: Sendable, CustomStringConvertible {
    private static let secondsToConnect = 10

    private let url: String
    /// The name by which the server knows the connection, in `pg_stat_activity`.
    private let applicationName: String
    /// How long connecting may take, over all hosts that the URL names: `connect_timeout`, else 10 s.
    let connectSeconds: Int
    /// `postgresql://HOST:PORT/DATABASE`.
    package let description: String

    /// Reads a URL without connecting.
    ///
    /// - Throws: `PostgreSQLError` with `.invalidURL`, whose message shows nothing of the URL's content.
    package init(url: String, applicationName: String = "retailflow") throws(PostgreSQLError) {
        try ConnectionParameters.requirePlainAuthority(url)
        var message: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(url, &message) else {
            // libpq quotes the part that it can't read, which may be the password.
            let words = message.map { String(cString: $0) } ?? "out of memory"
            PQfreemem(message)
            throw ConnectionParameters.refusal(String(words.prefix { $0 != "\"" && $0 != "\n" }))
        }
        defer { PQconninfoFree(options) }
        var given: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { given[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        func value(_ keyword: String, _ variable: String) -> String? {
            let value = given[keyword] ?? ProcessInfo.processInfo.environment[variable]
            return value.flatMap { $0.isEmpty ? nil : $0 }
        }
        self.url = url
        self.applicationName = applicationName
        let seconds = value("connect_timeout", "PGCONNECT_TIMEOUT").flatMap(Int.init) ?? 0
        connectSeconds = seconds > 0 ? seconds : ConnectionParameters.secondsToConnect
        let host = value("host", "PGHOST") ?? value("hostaddr", "PGHOSTADDR") ?? "localhost"
        let port = value("port", "PGPORT") ?? "5432"
        guard port.allSatisfy({ $0.isNumber || $0 == "," }) else {
            throw ConnectionParameters.refusal("the port is not a number")
        }
        description = "postgresql://\(host):\(port)/\(value("dbname", "PGDATABASE") ?? "")"
    }

    /// libpq takes what stands behind a second `@`, or an `@` behind the first `/`, for a host, a port or a database,
    /// and names it in its messages: part of a password that was not escaped would be shown.
    private static func requirePlainAuthority(_ url: String) throws(PostgreSQLError) {
        guard let scheme = ["postgresql://", "postgres://"].first(where: url.hasPrefix) else {
            throw refusal("it does not begin with postgresql://")
        }
        let rest = url.utf8.dropFirst(scheme.utf8.count)
        let at = rest.firstIndex(of: UInt8(ascii: "@"))
        let authority = rest.prefix { ![UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#")].contains($0) }
        if let at, at >= authority.endIndex || at != rest.lastIndex(of: UInt8(ascii: "@")) {
            throw refusal("one of the characters @ / ? # stands in a user, a password or a parameter")
        }
    }

    private static func refusal(_ why: String) -> PostgreSQLError {
        PostgreSQLError(
            .invalidURL,
            message: "the URL can't be read: \(why.trimmingPrefix(while: \.isWhitespace)); write @ as %40, / as %2F, "
                + "? as %3F, # as %23, % as %25",
            operation: "read the connection URL", place: "postgresql://…")
    }

    /// Begins to connect (`PQconnectStartParams`).
    func start() -> OpaquePointer? {
        // What stands after the URL overrides it: text is UTF-8 here, whatever a variable says.
        let pairs = [
            ("fallback_application_name", applicationName), ("dbname", url), ("client_encoding", "UTF8"),
        ]
        let keywords = pairs.map { strdup($0.0) }
        let values = pairs.map { strdup($0.1) }
        defer { for text in keywords + values { free(text) } }
        return (keywords.map { UnsafePointer($0) } + [nil]).withUnsafeBufferPointer { keywords in
            (values.map { UnsafePointer($0) } + [nil]).withUnsafeBufferPointer { values in
                PQconnectStartParams(keywords.baseAddress, values.baseAddress, 1)
            }
        }
    }
}
