internal import CCurl

/// One libcurl easy handle with the memory it points into. It belongs to the queue of its `TransferLoop`.
final class EasyHandle {
    let pointer: UnsafeMutableRawPointer
    private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    private var headers: UnsafeMutablePointer<curl_slist>?

    /// Nil if libcurl has no memory (`curl_easy_init`).
    init?() {
        guard let pointer = curl_easy_init() else {
            errorText.deallocate()
            return nil
        }
        self.pointer = pointer
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        curl_easy_cleanup(pointer)
        curl_slist_free_all(headers)
        errorText.deallocate()
    }

    /// Sets everything for one transfer, which must stay alive until `reset`; false if libcurl refuses an option.
    func prepare(for transfer: Transfer, _ configuration: HTTPClientConfiguration) -> Bool {
        let context = Unmanaged.passUnretained(transfer).toOpaque()
        guard set(transfer.url, CURLOPT_URL),
            retailflow_curl_set_web_protocols_only(pointer) == CURLE_OK,
            retailflow_curl_set_body_sink(pointer, bodySink, context) == CURLE_OK,
            retailflow_curl_set_header_sink(pointer, headerSink, context) == CURLE_OK,
            retailflow_curl_set_pointer(pointer, CURLOPT_ERRORBUFFER, errorText) == CURLE_OK,
            set(configuration.timeoutMilliseconds, CURLOPT_TIMEOUT_MS),
            set(configuration.connectTimeoutMilliseconds, CURLOPT_CONNECTTIMEOUT_MS),
            set(1, CURLOPT_NOSIGNAL),
            set(1, CURLOPT_TCP_KEEPALIVE),
            // The empty text stands for every encoding that this libcurl can undo.
            set("", CURLOPT_ACCEPT_ENCODING),
            set(configuration.userAgent, CURLOPT_USERAGENT),
            set(headersOf: transfer)
        else { return false }
        // A compressed body may be smaller than what it becomes; the sink judges that.
        guard
            retailflow_curl_set_offset(
                pointer, CURLOPT_MAXFILESIZE_LARGE, curl_off_t(max(1, configuration.bodyBytesMax))) == CURLE_OK
        else { return false }
        if let file = configuration.certificateAuthorityFile, !set(file, CURLOPT_CAINFO) { return false }
        if transfer.parts.isLoopback, !set("", CURLOPT_PROXY) { return false }
        return true
    }

    /// Forgets the transfer and all options; connections stay with the multi handle.
    func reset() {
        curl_easy_reset(pointer)
        curl_slist_free_all(headers)
        headers = nil
        errorText.pointee = 0
    }

    /// The status code of the answer, 0 if there was none.
    var status: Int {
        var value = 0
        return retailflow_curl_get_long(pointer, CURLINFO_RESPONSE_CODE, &value) == CURLE_OK ? value : 0
    }

    /// The absolute address a redirect leads to (`CURLINFO_REDIRECT_URL`).
    var redirectURL: String? {
        var text: UnsafeMutablePointer<CChar>?
        guard retailflow_curl_get_text(pointer, CURLINFO_REDIRECT_URL, &text) == CURLE_OK, let text else { return nil }
        return String(cString: text)
    }

    /// libcurl's words for a result, the particular ones if it left some.
    func reason(of result: CURLcode) -> String {
        if errorText.pointee != 0 { return String(cString: errorText) }
        guard let text = curl_easy_strerror(result) else { return "libcurl error \(result.rawValue)" }
        return String(cString: text)
    }

    private func set(_ value: Int, _ option: CURLoption) -> Bool {
        retailflow_curl_set_long(pointer, option, value) == CURLE_OK
    }

    private func set(_ value: String, _ option: CURLoption) -> Bool {
        retailflow_curl_set_text(pointer, option, value) == CURLE_OK
    }

    private func set(headersOf transfer: Transfer) -> Bool {
        for (name, value) in transfer.headers {
            // "Name:" would remove a header of libcurl's own; "Name;" sends one without value.
            let line = value.isEmpty ? "\(name);" : "\(name): \(value)"
            guard let list = curl_slist_append(headers, line) else { return false }
            headers = list
        }
        return retailflow_curl_set_headers(pointer, headers) == CURLE_OK
    }
}
