/// Reads the little that the client itself must know of a row: its id.
package enum RowScanner {
    /// The number under the key `id` of a row that is an object: an integer, or its digits in a string. Nil if there is
    /// none to be read; of several the first.
    package static func id(of row: Slice<UnsafeRawBufferPointer>) -> Int64? {
        let bytes = UnsafeRawBufferPointer(rebasing: row)
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
                while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
                    index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
                }
                guard index < bytes.count else { return nil }
                let isID = depth == 1 && bytes[start..<index].elementsEqual("id".utf8)
                index += 1
                guard isID, let value = valueStart(in: bytes, from: index) else { continue }
                var end = value
                while end < bytes.count, !",}".utf8.contains(bytes[end]) { end += 1 }
                return integer(bytes[value..<end])
            default: break
            }
        }
        return nil
    }

    /// An integer, in quotes or not, with blanks around it or not; nil for anything else or beyond 64 bits.
    static func integer(_ text: Slice<UnsafeRawBufferPointer>) -> Int64? {
        var start = text.startIndex
        var end = text.endIndex
        while start < end, text[start] <= 0x20 { start += 1 }
        while end > start, text[end - 1] <= 0x20 { end -= 1 }
        if end - start >= 2, text[start] == UInt8(ascii: "\""), text[end - 1] == UInt8(ascii: "\"") {
            start += 1
            end -= 1
        }
        guard end > start, end - start <= 20, text[start] != UInt8(ascii: "+") else { return nil }
        return Int64(String(decoding: text[start..<end], as: UTF8.self))
    }

    /// Where the value begins behind a key; nil if no colon follows, so that it was a string and no key.
    private static func valueStart(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        var index = start
        while index < bytes.count, bytes[index] <= 0x20 { index += 1 }
        guard index < bytes.count, bytes[index] == UInt8(ascii: ":") else { return nil }
        index += 1
        while index < bytes.count, bytes[index] <= 0x20 { index += 1 }
        return index
    }
}
