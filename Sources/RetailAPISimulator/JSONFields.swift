/// Finds fields of a row by its brackets and strings, whatever else is in it.
enum JSONFields {
    /// The bytes of the value under a key of the outermost object: a string with its quotes, a number, or whatever
    /// stands before the next comma or bracket. Nil if there is no such key. `anyDepth` looks inside as well.
    static func value(of key: String, in row: some RandomAccessCollection<UInt8>, anyDepth: Bool = false) -> Range<Int>?
    {
        let bytes = Array(row)
        var depth = 0
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            switch byte {
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: "\""):
                let start = index
                index = endOfString(bytes, from: start)
                guard anyDepth || depth == 1, bytes[start..<max(start, index - 1)].elementsEqual(key.utf8) else {
                    continue
                }
                if let value = valueRange(bytes, behindKey: index) { return value }
            default: break
            }
        }
        return nil
    }

    /// An integer, in quotes or not; nil for anything else.
    static func integer(_ bytes: some Collection<UInt8>) -> Int64? {
        let text = String(decoding: bytes, as: UTF8.self)
        return Int64(text.hasPrefix("\"") ? String(text.dropFirst().dropLast()) : text)
    }

    private static func valueRange(_ bytes: [UInt8], behindKey start: Int) -> Range<Int>? {
        var index = start
        while index < bytes.count, bytes[index] <= 0x20 { index += 1 }
        guard index < bytes.count, bytes[index] == UInt8(ascii: ":") else { return nil }
        index += 1
        while index < bytes.count, bytes[index] <= 0x20 { index += 1 }
        let value = index
        if index < bytes.count, bytes[index] == UInt8(ascii: "\"") {
            return value..<endOfString(bytes, from: index + 1)
        }
        while index < bytes.count, !",}]".utf8.contains(bytes[index]) { index += 1 }
        while index > value, bytes[index - 1] <= 0x20 { index -= 1 }
        return value..<index
    }

    private static func endOfString(_ bytes: [UInt8], from start: Int) -> Int {
        var index = start
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""): return index + 1
            case UInt8(ascii: "\\"): index += 2
            default: index += 1
            }
        }
        return bytes.count
    }
}
