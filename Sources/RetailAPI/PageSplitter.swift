/// Finds the rows of a page by brackets and strings alone, without reading what is in them.
///
/// A row whose brackets and quotes are in order is passed on whatever it holds (wrong numbers, invalid UTF-8, words):
/// the one who reads the row judges it. What breaks the array is a `PageFault`.
package struct PageSplitter {
    private let body: UnsafeRawBufferPointer
    private var position = 0
    /// The brackets open around the innermost 64 levels of the current row, innermost lowest: 1 for a brace. Deeper
    /// nesting puts the outer levels away, 64 at a time.
    private var openBraces: UInt64 = 0
    private var outerBraces: [UInt64] = []

    /// Finds the rows of a body that is an array, or an object with the array under `data` or `items` and perhaps a
    /// `total`. Throws when the body is no such thing or the array is broken.
    package static func split(_ body: UnsafeRawBufferPointer) throws(PageFault) -> PageLayout {
        var splitter = PageSplitter(body)
        return try splitter.page()
    }

    private init(_ body: UnsafeRawBufferPointer) {
        self.body = body
    }

    private mutating func page() throws(PageFault) -> PageLayout {
        // A byte order mark does not belong in JSON, but some servers send it.
        if body.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
        skipBlanks()
        var layout = PageLayout()
        switch position < body.count ? body[position] : 0 {
        case UInt8(ascii: "["):
            position += 1
            layout.rows = try rows()
        case UInt8(ascii: "{"):
            position += 1
            layout = try object()
        default:
            throw fault(.notJSON, position < body.count ? "not JSON" : "an empty body")
        }
        skipBlanks()
        guard position == body.count else { throw fault(.broken, "something follows the end of the JSON") }
        return layout
    }

    /// The rest of an array of which the opening bracket is read.
    private mutating func rows() throws(PageFault) -> [Range<Int>] {
        var rows: [Range<Int>] = []
        rows.reserveCapacity(min(512, body.count / 128 + 1))
        while true {
            skipBlanks()
            let row = try value()
            guard position < body.count else { throw fault(.broken, "the array is cut off") }
            let terminator = body[position]
            position += 1
            if row.isEmpty {
                if rows.isEmpty, terminator == UInt8(ascii: "]") { return rows }
                throw fault(.broken, "a row is missing between commas")
            }
            rows.append(row)
            switch terminator {
            case UInt8(ascii: ","): continue
            case UInt8(ascii: "]"): return rows
            default: throw fault(.broken, "the array ends with the wrong bracket")
            }
        }
    }

    /// The rest of an object of which the opening brace is read.
    private mutating func object() throws(PageFault) -> PageLayout {
        var arrays: [String: [Range<Int>]] = [:]
        var total: Int64?
        skipBlanks()
        if position < body.count, body[position] == UInt8(ascii: "}") {
            position += 1
            throw fault(.noArray, "an empty object, without rows under data or items")
        }
        while true {
            let key = try key()
            skipBlanks()
            if key == "data" || key == "items", position < body.count, body[position] == UInt8(ascii: "[") {
                guard arrays[key] == nil else { throw fault(.broken, "\(key) comes twice") }
                position += 1
                arrays[key] = try rows()
                skipBlanks()
            } else {
                let range = try value()
                guard !range.isEmpty else { throw fault(.broken, "a value is missing") }
                if key == "total" { total = RowScanner.integer(body[range]) }
            }
            guard position < body.count else { throw fault(.broken, "the object is cut off") }
            position += 1
            switch body[position - 1] {
            case UInt8(ascii: ","): skipBlanks()
            case UInt8(ascii: "}"):
                guard let rows = arrays["data"] ?? arrays["items"] else {
                    throw fault(.noArray, "an object without rows under data or items")
                }
                return PageLayout(rows: rows, declaredTotal: total)
            default: throw fault(.broken, "the object goes on with neither a comma nor its end")
            }
        }
    }

    private mutating func key() throws(PageFault) -> String {
        guard position < body.count, body[position] == UInt8(ascii: "\"") else {
            throw fault(.broken, "a key is missing")
        }
        let start = position + 1
        position = try endOfString(from: start)
        let key = String(decoding: body[start..<(position - 1)], as: UTF8.self)
        skipBlanks()
        guard position < body.count, body[position] == UInt8(ascii: ":") else {
            throw fault(.broken, "a colon is missing")
        }
        position += 1
        return key
    }

    /// Reads on to the comma or bracket that ends the value, which stays unread; blanks at its end are left out.
    private mutating func value() throws(PageFault) -> Range<Int> {
        let start = position
        var index = position
        var depth = 0
        let count = body.count
        scan: while index < count {
            let byte = body[index]
            index += 1
            switch byte {
            case UInt8(ascii: "\""):
                index = try endOfString(from: index)
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                if depth & 63 == 0, depth > 0 { outerBraces.append(openBraces) }
                depth += 1
                openBraces = openBraces << 1 | (byte == UInt8(ascii: "{") ? 1 : 0)
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0 {
                    index -= 1
                    break scan
                }
                guard openBraces & 1 == (byte == UInt8(ascii: "}") ? 1 : 0) else {
                    position = index - 1
                    throw fault(.broken, "a bracket does not match")
                }
                depth -= 1
                openBraces >>= 1
                if depth & 63 == 0, depth > 0 { openBraces = outerBraces.removeLast() }
            case UInt8(ascii: ","):
                if depth == 0 {
                    index -= 1
                    break scan
                }
            default:
                break
            }
        }
        position = index
        guard depth == 0 else { throw fault(.broken, "a row is cut off") }
        var end = index
        while end > start, Self.isBlank(body[end - 1]) { end -= 1 }
        return start..<end
    }

    /// The index behind the quote that ends the string which began just before `start`.
    private mutating func endOfString(from start: Int) throws(PageFault) -> Int {
        var index = start
        let count = body.count
        while true {
            // Eight bytes at a time until one is a quote or a backslash.
            while index + 8 <= count {
                let word = UInt64(littleEndian: body.loadUnaligned(fromByteOffset: index, as: UInt64.self))
                let hits = Self.zeroBytes(word ^ 0x2222_2222_2222_2222) | Self.zeroBytes(word ^ 0x5C5C_5C5C_5C5C_5C5C)
                if hits != 0 {
                    index += hits.trailingZeroBitCount >> 3
                    break
                }
                index += 8
            }
            guard index < count else {
                position = count
                throw fault(.broken, "a string is cut off")
            }
            switch body[index] {
            case UInt8(ascii: "\""): return index + 1
            case UInt8(ascii: "\\"): index += 2
            default: index += 1
            }
        }
    }

    /// The high bit of each byte that is zero; right up to the lowest such byte, which is all that is used.
    @inline(__always)
    private static func zeroBytes(_ word: UInt64) -> UInt64 {
        (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
    }

    @inline(__always)
    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    private mutating func skipBlanks() {
        while position < body.count, Self.isBlank(body[position]) { position += 1 }
    }

    private func fault(_ kind: PageFault.Kind, _ reason: String) -> PageFault {
        PageFault(kind: kind, offset: position, reason: reason)
    }
}
