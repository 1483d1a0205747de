/// A JSON text read the slow and obvious way, by the letter of RFC 8259: what the fast readers are compared with.
///
/// Refuses what is not UTF-8 and what is nested deeper than 1,000.
package struct NaiveJSON {
    /// A string without its escapes; half of a surrogate pair is kept as three bytes.
    struct Text: Hashable {
        var bytes: [UInt8] = []
        /// Whether a database stores it as text: no U+0000, no half of a surrogate pair.
        var isStorable = true
    }

    /// One value and where its text lies.
    struct Node {
        var value: Value
        var range: Range<Int>
    }

    /// One key with its value, and where the key's text lies, quotes included.
    struct Member {
        var key: Text
        var keyRange: Range<Int>
        var node: Node
    }

    indirect enum Value {
        case null
        case bool
        case number(String)
        case string(Text)
        case array([Node])
        case object([Member])
    }

    private static let depthMax = 1_000

    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0

    /// The value of a text; nil when it is not JSON.
    static func parse(_ bytes: [UInt8]) -> Node? {
        guard String(validating: bytes, as: UTF8.self) != nil else { return nil }
        var parser = NaiveJSON(bytes: bytes)
        parser.skipBlanks()
        guard let node = parser.node() else { return nil }
        parser.skipBlanks()
        return parser.position == bytes.count ? node : nil
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func skipBlanks() {
        while let byte = next, " \t\r\n".utf8.contains(byte) { position += 1 }
    }

    private mutating func node() -> Node? {
        let start = position
        let value: Value? =
            switch next {
            case UInt8(ascii: "{"): nested { $0.object() }
            case UInt8(ascii: "["): nested { $0.array() }
            case UInt8(ascii: "\""): text().map(Value.string)
            case UInt8(ascii: "t"): word("true") ? .bool : nil
            case UInt8(ascii: "f"): word("false") ? .bool : nil
            case UInt8(ascii: "n"): word("null") ? .null : nil
            default: number().map(Value.number)
            }
        return value.map { Node(value: $0, range: start..<position) }
    }

    private mutating func nested(_ read: (inout NaiveJSON) -> Value?) -> Value? {
        position += 1
        depth += 1
        defer { depth -= 1 }
        return depth <= Self.depthMax ? read(&self) : nil
    }

    private mutating func array() -> Value? {
        var nodes: [Node] = []
        skipBlanks()
        if take("]") { return .array([]) }
        repeat {
            skipBlanks()
            guard let node = node() else { return nil }
            nodes.append(node)
            skipBlanks()
        } while take(",")
        return take("]") ? .array(nodes) : nil
    }

    private mutating func object() -> Value? {
        var members: [Member] = []
        skipBlanks()
        if take("}") { return .object([]) }
        repeat {
            skipBlanks()
            let start = position
            guard let key = text() else { return nil }
            let keyRange = start..<position
            skipBlanks()
            guard take(":") else { return nil }
            skipBlanks()
            guard let node = node() else { return nil }
            members.append(Member(key: key, keyRange: keyRange, node: node))
            skipBlanks()
        } while take(",")
        return take("}") ? .object(members) : nil
    }

    private mutating func word(_ word: String) -> Bool {
        guard bytes[position...].starts(with: word.utf8) else { return false }
        position += word.utf8.count
        return true
    }

    private mutating func number() -> String? {
        let start = position
        var end = start
        while end < bytes.count, "+-.eE0123456789".utf8.contains(bytes[end]) { end += 1 }
        let text = String(decoding: bytes[start..<end], as: UTF8.self)
        guard NaiveNumber(text) != nil else { return nil }
        position = end
        return text
    }

    private mutating func text() -> Text? {
        guard take("\"") else { return nil }
        var text = Text()
        while let byte = next {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return text
            case 0..<0x20: return nil
            case UInt8(ascii: "\\"):
                guard escape(&text) else { return nil }
            default: text.bytes.append(byte)
            }
        }
        return nil
    }

    private mutating func escape(_ text: inout Text) -> Bool {
        guard let byte = next else { return false }
        position += 1
        let plain: [UInt8: UInt8] = [
            0x22: 0x22, 0x5C: 0x5C, 0x2F: 0x2F, 0x62: 0x08, 0x66: 0x0C, 0x6E: 0x0A, 0x72: 0x0D, 0x74: 0x09,
        ]
        if let plain = plain[byte] {
            text.bytes.append(plain)
            return true
        }
        guard byte == UInt8(ascii: "u"), let unit = unit(at: position) else { return false }
        position += 4
        var code = unit
        if (0xD800..<0xDC00).contains(unit), bytes[position...].starts(with: "\\u".utf8),
            let low = self.unit(at: position + 2), (0xDC00..<0xE000).contains(low)
        {
            code = 0x10000 + (unit - 0xD800) * 0x400 + (low - 0xDC00)
            position += 6
        }
        if let scalar = Unicode.Scalar(code) {
            text.bytes.append(contentsOf: String(scalar).utf8)
        } else {
            text.bytes += [0xE0 | UInt8(code >> 12), 0x80 | UInt8(code >> 6 & 0x3F), 0x80 | UInt8(code & 0x3F)]
        }
        if code == 0 || (0xD800..<0xE000).contains(code) { text.isStorable = false }
        return true
    }

    private func unit(at place: Int) -> UInt32? {
        guard place + 4 <= bytes.count else { return nil }
        let digits = bytes[place..<place + 4]
        guard digits.allSatisfy({ "0123456789abcdefABCDEF".utf8.contains($0) }) else { return nil }
        return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    }
}

extension NaiveJSON.Node {
    /// Whether a key comes twice in any object of it.
    var hasDuplicateKeys: Bool {
        switch value {
        case .object(let members):
            Set(members.map(\.key.bytes)).count < members.count || members.contains { $0.node.hasDuplicateKeys }
        case .array(let nodes): nodes.contains { $0.hasDuplicateKeys }
        default: false
        }
    }

    /// Whether databases take all of its strings and keys.
    var isStorable: Bool {
        switch value {
        case .object(let members): members.allSatisfy { $0.key.isStorable && $0.node.isStorable }
        case .array(let nodes): nodes.allSatisfy(\.isStorable)
        case .string(let text): text.isStorable
        default: true
        }
    }

    /// Whether every number is short, so that any database holds it.
    var hasShortNumbers: Bool {
        switch value {
        case .object(let members): members.allSatisfy { $0.node.hasShortNumbers }
        case .array(let nodes): nodes.allSatisfy(\.hasShortNumbers)
        case .number(let text): text.utf8.count < 100 && abs(NaiveNumber(text)?.exponent ?? .max) < 10_000
        default: true
        }
    }

    /// The value of a key of an object; of several the last.
    subscript(key: String) -> NaiveJSON.Value? {
        guard case .object(let members) = value else { return nil }
        return members.last { $0.key.bytes.elementsEqual(key.utf8) }?.node.value
    }

    /// How often an object has a key.
    func count(of key: String) -> Int {
        guard case .object(let members) = value else { return 0 }
        return members.count { $0.key.bytes.elementsEqual(key.utf8) }
    }
}
