internal import CCurl

/// The parts of an http or https URL, read by libcurl's own parser (`curl_url`), so that what is judged here is what
/// is asked there.
struct URLParts {
    let scheme: String
    let host: String
    let port: String
    let path: String
    let query: String?

    /// Nil if libcurl cannot read the URL or it is neither http nor https.
    init?(_ url: String) {
        guard !url.utf8.contains(0), let handle = curl_url() else { return nil }
        defer { curl_url_cleanup(handle) }
        guard curl_url_set(handle, CURLUPART_URL, url, 0) == CURLUE_OK else { return nil }

        func part(_ which: CURLUPart, _ flags: UInt32 = 0) -> String? {
            var text: UnsafeMutablePointer<CChar>?
            guard curl_url_get(handle, which, &text, flags) == CURLUE_OK, let text else { return nil }
            defer { curl_free(text) }
            return String(cString: text)
        }
        guard let scheme = part(CURLUPART_SCHEME)?.lowercased(), scheme == "http" || scheme == "https",
            let host = part(CURLUPART_HOST)?.lowercased(), !host.isEmpty,
            let port = part(CURLUPART_PORT, UInt32(CURLU_DEFAULT_PORT))
        else { return nil }
        self.scheme = scheme
        self.host = host
        self.port = port
        path = part(CURLUPART_PATH) ?? "/"
        query = part(CURLUPART_QUERY)
    }

    /// Whether headers meant for the one may go to the other: same scheme, host and port.
    func hasSameOrigin(as other: URLParts) -> Bool {
        scheme == other.scheme && host == other.host && port == other.port
    }

    /// Whether the host is this machine, which no proxy can reach on our behalf.
    var isLoopback: Bool {
        host == "localhost" || host == "[::1]" || host.hasPrefix("127.")
    }

    /// The URL for people to read: no user, no password, no fragment; a query value is shown only if it is a short
    /// number or date under a name that does not speak of secrets.
    var redacted: String {
        let isUsualPort = (scheme == "http" && port == "80") || (scheme == "https" && port == "443")
        let start = "\(scheme)://\(host)\(isUsualPort ? "" : ":\(port)")\(path)"
        guard let query else { return start }
        let shown = query.split(separator: "&", omittingEmptySubsequences: false).map { pair -> String in
            guard let equals = pair.firstIndex(of: "=") else { return "…" }
            let name = pair[..<equals]
            let value = pair[pair.index(after: equals)...]
            return Self.mayShow(name: name, value: value) ? String(pair) : "\(name)=…"
        }
        return "\(start)?\(shown.joined(separator: "&"))"
    }

    private static func mayShow(name: Substring, value: Substring) -> Bool {
        let lowercased = name.lowercased()
        let secretWords = ["key", "token", "secret", "pass", "auth", "sig", "session", "credential"]
        guard !secretWords.contains(where: { lowercased.contains($0) }) else { return false }
        return value.utf8.count <= 20 && value.utf8.allSatisfy { ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x2D }
    }
}
