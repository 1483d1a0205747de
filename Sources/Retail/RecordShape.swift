/// What a record looks like, without any of its values: the names of its fields, and what kind of JSON they hold.
///
/// `{"id": integer, "datetime": string(19), "items": [{"product_sku": string(6), "quantity": integer} ×2]}`: a string
/// with its length in characters, an array by its first element and its length. For messages; it takes any bytes, says
/// where they stop being JSON, and is no judge of whether they are.
package struct RecordShape: Sendable, Hashable, CustomStringConvertible {
    /// The shape on one line.
    package let description: String

    /// - Parameters:
    ///   - bytes: The record as served; nil for one without a value.
    ///   - lengthMax: How long the description may be, in bytes; what is beyond is left out.
    package init(_ bytes: UnsafeRawBufferPointer?, lengthMax: Int = 400) {
        guard let bytes else {
            description = "no value"
            return
        }
        guard !bytes.isEmpty else {
            description = "an empty value"
            return
        }
        var writer = ShapeWriter(bytes, lengthMax: lengthMax)
        description = writer.shape()
    }
}

/// Walks over the bytes once and writes what it sees.
private struct ShapeWriter {
    private enum Stop: Error {
        /// The description is as long as it may be.
        case full
        /// What is at the index is not JSON.
        case notJSON
    }

    /// Arrays and objects nested deeper are shown as such and no more.
    private static let depthMax = 4

    private let bytes: UnsafeRawBufferPointer
    private let lengthMax: Int
    private var index = 0
    private var text = ""

    init(_ bytes: UnsafeRawBufferPointer, lengthMax: Int) {
        self.bytes = bytes
        self.lengthMax = lengthMax
    }

    mutating func shape() -> String {
        do throws(Stop) {
            try value(depth: 0)
            skipBlanks()
            guard index == bytes.count else { throw .notJSON }
        } catch {
            switch error {
            case .full: text += "…"
            case .notJSON: text += "\(text.isEmpty ? "" : "… ")not JSON at byte \(index) of \(bytes.count)"
            }
        }
        return text
    }

    private mutating func write(_ more: String) throws(Stop) {
        guard text.utf8.count + more.utf8.count <= lengthMax else { throw .full }
        text += more
    }

    private mutating func value(depth: Int) throws(Stop) {
        skipBlanks()
        switch peek ?? 0 {
        case UInt8(ascii: "{"): try object(depth: depth + 1)
        case UInt8(ascii: "["): try array(depth: depth + 1)
        case UInt8(ascii: "\""): try write("string(\(try string().characters))")
        case Ascii.minus, UInt8(ascii: "0")...UInt8(ascii: "9"): try write(number() ? "integer" : "decimal")
        default: try write(try literal())
        }
    }

    private mutating func object(depth: Int) throws(Stop) {
        guard depth <= ShapeWriter.depthMax else {
            try skipNested()
            return try write("{…}")
        }
        index += 1
        try write("{")
        skipBlanks()
        var isFirst = true
        while peek != UInt8(ascii: "}") {
            if !isFirst {
                try take(UInt8(ascii: ","))
                try write(", ")
                skipBlanks()
            }
            isFirst = false
            guard peek == UInt8(ascii: "\"") else { throw .notJSON }
            let name = try string().content
            try write(shown(name) + ": ")
            skipBlanks()
            try take(UInt8(ascii: ":"))
            try value(depth: depth)
            skipBlanks()
        }
        index += 1
        try write("}")
    }

    private mutating func array(depth: Int) throws(Stop) {
        guard depth <= ShapeWriter.depthMax else {
            try skipNested()
            return try write("[…]")
        }
        index += 1
        try write("[")
        skipBlanks()
        var count = 0
        while peek != UInt8(ascii: "]") {
            if count > 0 { try take(UInt8(ascii: ",")) }
            if count == 0 { try value(depth: depth) } else { try skipValue() }
            count += 1
            skipBlanks()
        }
        index += 1
        try write(count > 1 ? " ×\(count)]" : "]")
    }

    /// The bytes between the quotation marks, escapes left as they are, and how many characters they stand for.
    private mutating func string() throws(Stop) -> (content: Range<Int>, characters: Int) {
        index += 1
        let start = index
        var characters = 0
        while let byte = peek {
            index += 1
            switch byte {
            case UInt8(ascii: "\""): return (start..<index - 1, characters)
            case UInt8(ascii: "\\"):
                index += peek == UInt8(ascii: "u") ? 5 : 1
                characters += 1
            // The later bytes of a character in UTF-8.
            case 0x80...0xBF: break
            default: characters += 1
            }
        }
        index = bytes.count
        throw .notJSON
    }

    /// Whether the number is written as an integer.
    private mutating func number() -> Bool {
        var isInteger = true
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), Ascii.minus, Ascii.plus: break
            case Ascii.point, Ascii.lowercaseE, UInt8(ascii: "E"): isInteger = false
            default: return isInteger
            }
            index += 1
        }
        return isInteger
    }

    private mutating func literal() throws(Stop) -> String {
        for (word, kind) in [("true", "boolean"), ("false", "boolean"), ("null", "null")]
        where bytes[min(index, bytes.count)...].starts(with: word.utf8) {
            index += word.utf8.count
            return kind
        }
        throw .notJSON
    }

    private mutating func skipValue() throws(Stop) {
        skipBlanks()
        switch peek ?? 0 {
        case UInt8(ascii: "{"), UInt8(ascii: "["): try skipNested()
        case UInt8(ascii: "\""): _ = try string()
        case Ascii.minus, UInt8(ascii: "0")...UInt8(ascii: "9"): _ = number()
        default: _ = try literal()
        }
    }

    /// Goes behind the bracket that closes the one here, however deep it is in there.
    private mutating func skipNested() throws(Stop) {
        var depth = 0
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""):
                _ = try string()
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            default: break
            }
            index += 1
            if depth == 0 { return }
        }
        throw .notJSON
    }

    private mutating func take(_ byte: UInt8) throws(Stop) {
        guard peek == byte else { throw .notJSON }
        index += 1
    }

    private mutating func skipBlanks() {
        while let byte = peek, byte == Ascii.blank || (0x09...0x0D).contains(byte) { index += 1 }
    }

    private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

    private func shown(_ name: Range<Int>) -> String {
        Quotation.name(bytes[name]).map { "\"\($0)\"" } ?? Quotation.someKey
    }
}
