internal import CMicroHTTPD

/// One request while it is read. It belongs to the thread of its connection.
final class Exchange {
    var body: [UInt8] = []
    var query: [(name: String, value: String)] = []
    var headers: [(name: String, value: String)] = []

    /// Takes a piece of the body; false if it would grow beyond the limit.
    func receive(_ bytes: UnsafeRawBufferPointer, bodyBytesMax: Int) -> Bool {
        guard bytes.count <= bodyBytesMax - body.count else { return false }
        body.append(contentsOf: bytes)
        return true
    }

    /// Reads query and headers, which the library has parsed (`MHD_get_connection_values`).
    func readFields(of connection: OpaquePointer) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        _ = MHD_get_connection_values(connection, .GET_ARGUMENT_KIND, collectQuery, context)
        _ = MHD_get_connection_values(connection, .HEADER_KIND, collectHeader, context)
    }
}

/// Called by the library with each parameter of the query.
nonisolated let collectQuery: MHD_KeyValueIterator = { context, _, key, value in
    guard let context, let key else { return .YES }
    let exchange = Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
    exchange.query.append((name: String(cString: key), value: value.map { String(cString: $0) } ?? ""))
    return .YES
}

/// Called by the library with each header field.
nonisolated let collectHeader: MHD_KeyValueIterator = { context, _, key, value in
    guard let context, let key else { return .YES }
    let exchange = Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
    exchange.headers.append((name: String(cString: key), value: value.map { String(cString: $0) } ?? ""))
    return .YES
}
