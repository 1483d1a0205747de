import Foundation

/// One line of JSON on standard output.
func printLine(_ fields: [String: Any]) throws {
    let line = try JSONSerialization.data(withJSONObject: fields, options: [.sortedKeys, .withoutEscapingSlashes])
    print(String(decoding: line, as: UTF8.self))
}

/// Bytes as base64; null where there are none.
func base64(_ bytes: UnsafeRawBufferPointer?) -> Any {
    guard let bytes else { return NSNull() }
    return Data(bytes).base64EncodedString()
}

/// The bytes of a base64 text; nil for null and for a missing field.
func bytes(_ value: Any?, _ field: String) throws(UsageFault) -> [UInt8]? {
    switch value {
    case nil, is NSNull: return nil
    case let text as String:
        guard let data = Data(base64Encoded: text) else { throw UsageFault(reason: "\(field) is not base64") }
        return [UInt8](data)
    default: throw UsageFault(reason: "\(field) is neither a text nor null")
    }
}
