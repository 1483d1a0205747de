/// A value for a `$n` of a statement. Sent in binary, as the type beside it; NULL is of whatever type is asked for.
package enum Parameter: Sendable, Hashable {
    case null
    /// `bigint`.
    case integer(Int64)
    /// `boolean`.
    case boolean(Bool)
    /// `text`, in UTF-8.
    case text(String)
    /// `bytea`.
    case bytes([UInt8])
    /// `timestamptz`, in microseconds of UTC since 1970.
    case instant(microseconds: Int64)
    /// `bigint[]`.
    case integers([Int64])
    /// `text[]`.
    case texts([String])

    /// `bigint`, or NULL.
    package static func optional(_ value: Int64?) -> Parameter { value.map(Parameter.integer) ?? .null }

    /// `text`, or NULL.
    package static func optional(_ value: String?) -> Parameter { value.map(Parameter.text) ?? .null }

    /// The type's number in the server's catalogue; 0: to be inferred.
    var type: UInt32 {
        switch self {
        case .null: 0
        case .boolean: 16
        case .bytes: 17
        case .integer: 20
        case .text: 25
        case .texts: 1009
        case .integers: 1016
        case .instant: 1184
        }
    }
}

/// How PostgreSQL counts time.
enum PostgreSQLTime {
    /// Its year 0 is 2000-01-01, in microseconds since 1970.
    static let epochMicroseconds: Int64 = 946_684_800_000_000
}

/// Parameters as `PQsendQueryParams` takes them: all bytes in one buffer.
struct EncodedParameters {
    private(set) var bytes: [UInt8] = []
    /// Where each value lies in `bytes`; nil is NULL.
    private(set) var ranges: [Range<Int>?] = []
    let types: [UInt32]

    init(_ parameters: [Parameter]) {
        types = parameters.map(\.type)
        for parameter in parameters {
            let start = bytes.count
            switch parameter {
            case .null: break
            case .integer(let value): append(value)
            case .boolean(let value): bytes.append(value ? 1 : 0)
            case .text(let text): bytes.append(contentsOf: text.utf8)
            case .bytes(let value): bytes.append(contentsOf: value)
            case .instant(let microseconds): append(microseconds - PostgreSQLTime.epochMicroseconds)
            case .integers(let values):
                appendArrayHead(count: values.count, type: 20)
                for value in values {
                    append(Int32(8))
                    append(value)
                }
            case .texts(let texts):
                appendArrayHead(count: texts.count, type: 25)
                for text in texts {
                    append(Int32(text.utf8.count))
                    bytes.append(contentsOf: text.utf8)
                }
            }
            ranges.append(parameter == .null ? nil : start..<bytes.count)
        }
    }

    /// Lends the values as libpq's parallel arrays; the pointers are good during the call.
    func withPointers<Result>(
        _ body: (
            _ count: Int32, _ values: UnsafePointer<UnsafePointer<CChar>?>?, _ lengths: UnsafePointer<Int32>?,
            _ formats: UnsafePointer<Int32>?
        ) -> Result
    ) -> Result {
        // One byte more than needed: a value without length still needs an address, or it would be NULL.
        (bytes + [0]).withUnsafeBytes { bytes in
            let start = bytes.assumingMemoryBound(to: CChar.self).baseAddress
            let values = ranges.map { range in range.flatMap { start?.advanced(by: $0.lowerBound) } }
            let lengths = ranges.map { Int32($0?.count ?? 0) }
            let formats = [Int32](repeating: 1, count: ranges.count)
            return values.withUnsafeBufferPointer { values in
                body(Int32(ranges.count), values.baseAddress, lengths, formats)
            }
        }
    }

    /// One dimension, no NULLs, counted from 1.
    private mutating func appendArrayHead(count: Int, type: Int32) {
        for word in [count == 0 ? 0 : 1, 0, type] { append(word) }
        if count > 0 { for word in [Int32(count), 1] { append(word) } }
    }

    private mutating func append(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }
}
