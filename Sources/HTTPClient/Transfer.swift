internal import CCurl
internal import Synchronization

/// One request on its way: what is asked, what has come so far, and who waits for it.
///
/// `@unchecked Sendable`: made by the task that asks, handed to the loop's queue by `TransferLoop.submit` (a lock lies
/// between), and from then on touched on that queue only; the one thing others touch is the atomic flag.
final class Transfer: @unchecked Sendable {
    /// What a finished transfer hands back: the answer and, for a redirect, the address it leads to.
    struct Outcome: Sendable {
        var response: HTTPResponse
        var redirectURL: String?
    }

    private static let headerBytesMax = 256 << 10

    let url: String
    let parts: URLParts
    let headers: [(String, String)]
    private let continuation: CheckedContinuation<Result<Outcome, HTTPClientError>, Never>
    private let cancellation: Cancellation

    private let bodyBytesMax: Int
    private var body: [UInt8] = []
    private var fields = HTTPHeaders()
    private var headerBytes = 0
    private(set) var isTooLarge = false

    /// A flag that a task may raise before its transfer exists.
    final class Cancellation: Sendable {
        private let flag = Atomic(false)

        var isRaised: Bool { flag.load(ordering: .acquiring) }

        func raise() { flag.store(true, ordering: .releasing) }
    }

    init(
        url: String, parts: URLParts, headers: [(String, String)], bodyBytesMax: Int, cancellation: Cancellation,
        continuation: CheckedContinuation<Result<Outcome, HTTPClientError>, Never>
    ) {
        self.url = url
        self.parts = parts
        self.headers = headers
        self.bodyBytesMax = bodyBytesMax
        self.cancellation = cancellation
        self.continuation = continuation
    }

    var isCancelled: Bool { cancellation.isRaised }

    /// Takes a piece of the body; false if it would grow beyond the limit, which makes libcurl give up.
    func receive(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count <= bodyBytesMax - body.count else {
            isTooLarge = true
            return false
        }
        if body.isEmpty { body.reserveCapacity(expectedBodyBytes) }
        body.append(contentsOf: bytes)
        return true
    }

    /// Takes one header line. A status line starts the fields anew: it follows a `100 Continue`.
    func receive(headerLine bytes: UnsafeRawBufferPointer) -> Bool {
        headerBytes += bytes.count
        guard headerBytes <= Self.headerBytesMax else {
            isTooLarge = true
            return false
        }
        if bytes.starts(with: "HTTP/".utf8) {
            fields.removeAll()
            return true
        }
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else { return true }
        let name = String(decoding: bytes[..<colon], as: UTF8.self)
        let value = bytes[(colon + 1)...]
        let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D || $0 == 0x0A }
        let start = value.firstIndex { !isBlank($0) } ?? value.endIndex
        let end = value.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? start
        fields.append(name: name, value: String(decoding: bytes[start..<end], as: UTF8.self))
        return true
    }

    /// The declared length, if believable: a server's word must not make us take memory it never fills.
    private var expectedBodyBytes: Int {
        guard let text = fields["Content-Length"], let length = Int(text), length > 0 else { return 0 }
        return min(length, bodyBytesMax, 1 << 20)
    }

    /// Wakes the waiting task with the answer.
    func succeed(status: Int, redirectURL: String?) {
        let response = HTTPResponse(status: status, headers: fields, body: body)
        continuation.resume(returning: .success(Outcome(response: response, redirectURL: redirectURL)))
    }

    /// Wakes the waiting task with an error.
    func fail(_ code: HTTPClientError.Code, _ reason: String) {
        continuation.resume(returning: .failure(HTTPClientError(code: code, url: parts.redacted, reason: reason)))
    }
}

/// Called by libcurl with a piece of the body; any other count than that given stops the transfer.
nonisolated let bodySink: retailflow_curl_sink = { bytes, size, count, context in
    guard let context else { return 0 }
    let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    return transfer.receive(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
}

/// Called by libcurl with each whole header line.
nonisolated let headerSink: retailflow_curl_sink = { bytes, size, count, context in
    guard let context else { return 0 }
    let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    return transfer.receive(headerLine: UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
}
