extension Settings {
    /// `api.*`: the source API.
    package struct API: Hashable, Sendable {
        /// Where the API is, `http://…` or `https://…`, without a trailing slash. No default.
        package var baseURL: String?
        /// A file that holds the key.
        package var keyFile: String?
        /// The key from the environment variable `RETAILFLOW_API_KEY`; it goes before ``keyFile``.
        package var key: Secret?
        /// The header that carries the key.
        package var keyHeader = "X-API-Key"
        /// Rows asked for at once.
        package var pageSize = 250
        /// How long one request may take.
        package var timeoutMilliseconds = 30_000
        /// How often a failed request is tried again.
        package var retries = 3
        /// The wait before the first retry; it doubles with each.
        package var backoffMilliseconds = 1_000
        /// The zone of the API's local times, as an IANA name.
        package var timeZone = "UTC"

        /// The defaults.
        package init() {}
    }
}

extension Settings.API {
    /// The API's address.
    ///
    /// - Throws: `missingValue` if it is not configured.
    package func requireBaseURL() throws(ConfigurationError) -> String {
        guard let baseURL else {
            throw ConfigurationError(
                .missingValue, "the address of the source API is not configured", at: nil,
                advice: "set api.base_url, RETAILFLOW_API_BASE_URL or --set api.base_url=https://…")
        }
        return baseURL
    }

    /// The API's key: `RETAILFLOW_API_KEY`, else the content of ``keyFile`` without surrounding blanks and newlines.
    /// The file is read at each call, so that a renewed key is found.
    ///
    /// - Throws: `missingValue` if there is neither; `unreadableFile` naming the file; `wrongType` if the content
    ///   cannot be the value of a header.
    package func requireKey() throws(ConfigurationError) -> Secret {
        if let key { return try Self.checked(key.revealed, at: .variable("RETAILFLOW_API_KEY")) }
        guard let keyFile else {
            throw ConfigurationError(
                .missingValue, "the key of the source API is not configured", at: nil,
                advice: "name the file that holds it in api.key_file, or set RETAILFLOW_API_KEY")
        }
        let bytes = try FileReader.read(keyFile, bytesMax: 65_536, purpose: "API key file")
        return try Self.checked(String(decoding: bytes, as: UTF8.self), at: .file(keyFile, line: nil))
    }

    private static func checked(_ text: String, at origin: ValueOrigin) throws(ConfigurationError) -> Secret {
        let isBlank: (UInt8) -> Bool = { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
        let key = text.utf8.drop(while: isBlank).reversed().drop(while: isBlank).reversed()
        guard !key.isEmpty else {
            throw ConfigurationError(.missingValue, "the API key is empty", at: origin, advice: "write the key there")
        }
        // A header value: anything else would end the header, or be refused by the server in a puzzling way.
        guard key.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            throw ConfigurationError(
                .wrongType, "the API key holds a line break or a character that a header cannot carry", at: origin,
                advice: "write the key alone, on one line")
        }
        return Secret(String(decoding: Array(key), as: UTF8.self))
    }
}
