internal import CMicroHTTPD

/// What the library's callbacks need: the handler and the limits. It outlives the daemon.
final class ServerCore: Sendable {
    private let handler: HTTPServer.Handler
    private let bodyBytesMax: Int

    init(handler: @escaping HTTPServer.Handler, bodyBytesMax: Int) {
        self.handler = handler
        self.bodyBytesMax = bodyBytesMax
    }

    /// The library calls this several times for a request: once with the headers, once for each piece of the body,
    /// and once at its end. An answer at the first call would close the connection each time, so that only a request
    /// that is refused is answered there.
    func handle(
        _ connection: OpaquePointer, path: String, method: String, upload: UnsafeRawBufferPointer,
        exchange: Exchange?, begin: (Exchange) -> Void
    ) -> MHD_Result {
        guard let exchange else {
            let fresh = Exchange()
            begin(fresh)
            fresh.readFields(of: connection)
            let declared = fresh.headers.first { $0.name.lowercased() == "content-length" }.flatMap { Int($0.value) }
            if let declared, declared > bodyBytesMax { return send(Self.tooLarge, on: connection) }
            return .YES
        }
        if !upload.isEmpty {
            // In the middle of a body no answer is possible: the connection is closed.
            return exchange.receive(upload, bodyBytesMax: bodyBytesMax) ? .YES : .NO
        }
        let request = HTTPRequest(
            method: method, path: path, query: exchange.query, headers: exchange.headers, body: exchange.body)
        return send(handler(request), on: connection)
    }

    private func send(_ answer: HTTPServerResponse, on connection: OpaquePointer) -> MHD_Result {
        let response: OpaquePointer?
        switch answer.delivery {
        case .whole:
            response = answer.body.withUnsafeBytes { bytes in
                MHD_create_response_from_buffer(
                    bytes.count, UnsafeMutableRawPointer(mutating: bytes.baseAddress), .RESPMEM_MUST_COPY)
            }
        case .cut(let afterBytes):
            let body = CutBody(answer.body.prefix(max(0, afterBytes)))
            let context = Unmanaged.passRetained(body)
            response = MHD_create_response_from_callback(
                UInt64(answer.body.count), 16 << 10, readCutBody, context.toOpaque(), releaseCutBody)
            if response == nil { context.release() }
        case .hang(let millisecondsMax):
            HeldConnection.wait(
                forEndOf: retailflow_microhttpd_socket(connection), millisecondsMax: millisecondsMax)
            return .NO
        }
        guard let response else { return .NO }
        defer { MHD_destroy_response(response) }
        for (name, value) in answer.headers where MHD_add_response_header(response, name, value) != .YES {
            // A header that cannot be sent is a fault of the handler; the client shall not get half an answer.
            return sendFailure(on: connection)
        }
        return MHD_queue_response(connection, UInt32(clamping: answer.status), response)
    }

    private func sendFailure(on connection: OpaquePointer) -> MHD_Result {
        send(.text("The server made an answer that cannot be sent.\n", status: 500), on: connection)
    }

    private static let tooLarge = HTTPServerResponse.text("The request is too large.\n", status: 413)
}

/// Called by the library for each step of a request; the exchange is kept in the request's context between them.
nonisolated let handleRequest: MHD_AccessHandlerCallback = {
    context, connection, path, method, _, upload, uploadBytes, exchangeContext in
    guard let context, let connection, let path, let method, let exchangeContext else { return .NO }
    let core = Unmanaged<ServerCore>.fromOpaque(context).takeUnretainedValue()
    let exchange = exchangeContext.pointee.map { Unmanaged<Exchange>.fromOpaque($0).takeUnretainedValue() }
    let bytes = UnsafeRawBufferPointer(start: upload, count: upload == nil ? 0 : uploadBytes?.pointee ?? 0)
    let result = core.handle(
        connection, path: String(cString: path), method: String(cString: method), upload: bytes, exchange: exchange
    ) { exchangeContext.pointee = Unmanaged.passRetained($0).toOpaque() }
    if exchange != nil { uploadBytes?.pointee = 0 }
    return result
}

/// Called by the library at the end of each request, however it ended.
nonisolated let completeRequest: MHD_RequestCompletedCallback = { _, _, exchangeContext, _ in
    guard let exchangeContext, let exchange = exchangeContext.pointee else { return }
    Unmanaged<Exchange>.fromOpaque(exchange).release()
    exchangeContext.pointee = nil
}
