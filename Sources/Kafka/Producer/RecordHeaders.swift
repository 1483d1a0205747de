import CRdKafka

/// The headers of a record, made once and used for any number of records (`rd_kafka_headers_t`).
public final class RecordHeaders: Sendable {
    // Right: only read after it was made; each record gets a copy.
    nonisolated(unsafe) private let pointer: OpaquePointer

    /// Headers with these names and values, in this order; a name may come twice, a value may be missing.
    public init(_ headers: [(name: String, value: [UInt8]?)]) {
        pointer = rd_kafka_headers_new(headers.count)
        for (name, value) in headers {
            var name = name
            name.withUTF8 { name in
                name.withMemoryRebound(to: CChar.self) { name in
                    // Fails only for a read-only list, which this is not.
                    if let value {
                        value.withUnsafeBytes { bytes in
                            _ = rd_kafka_header_add(
                                pointer, name.baseAddress, name.count, bytes.baseAddress ?? Self.nothing, bytes.count)
                        }
                    } else {
                        _ = rd_kafka_header_add(pointer, name.baseAddress, name.count, nil, 0)
                    }
                }
            }
        }
    }

    /// Headers whose values are text.
    public convenience init(text headers: KeyValuePairs<String, String>) {
        self.init(headers.map { (name: $0.key, value: Array($0.value.utf8)) })
    }

    deinit {
        rd_kafka_headers_destroy(pointer)
    }

    /// A copy that a record may own.
    func copy() -> OpaquePointer? {
        rd_kafka_headers_copy(pointer)
    }

    /// An address that is not null, for values of no bytes. Nothing is read or written there.
    // Right: never dereferenced and never changed.
    nonisolated(unsafe) static let nothing = UnsafeRawPointer(
        UnsafeMutableRawPointer.allocate(byteCount: 1, alignment: 1))
}
