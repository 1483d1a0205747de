import CSimdJSON

/// The words in which messages speak of a value or a key: short, on one line, without control characters.
enum Quotation {
    /// The largest number of characters that are quoted.
    private static let charactersMax = 40

    /// A value as the record has it: `"x"`, `1.5`, `null`, `an array`.
    ///
    /// A string with an `@` is not quoted: it may be an address that came into the wrong field.
    static func value(_ value: json_value) -> String {
        switch value.kind {
        case json_kind_string:
            let start = shortened(value.bytes)
            return start.contains("@") ? kind(of: value) : "\"\(escaped(start))\""
        case json_kind_number, json_kind_bool: return escaped(shortened(value.bytes))
        default: return kind(of: value)
        }
    }

    /// What a value is, without any of its content.
    static func kind(of value: json_value) -> String {
        switch value.kind {
        case json_kind_null: "null"
        case json_kind_bool: "a truth value"
        case json_kind_number: "a number"
        case json_kind_string: "a string"
        case json_kind_array: "an array"
        case json_kind_object: "an object"
        default: "nothing"
        }
    }

    /// What stands for a key that is no name.
    static let someKey = "(a key)"

    /// The key, if it is a name as programs give them; nil for any other, which may be a value that somebody made a key
    /// of.
    static func name(_ key: some Collection<UInt8>) -> String? {
        guard let first = key.first, isLetter(first), key.count <= charactersMax,
            key.allSatisfy({ isLetter($0) || Ascii.digit($0) != nil || $0 == Ascii.minus })
        else { return nil }
        return String(decoding: key, as: UTF8.self)
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        let letter = byte | 0x20
        return (letter >= UInt8(ascii: "a") && letter <= UInt8(ascii: "z")) || byte == UInt8(ascii: "_")
    }

    private static func shortened(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        // No character that is quoted takes more than four bytes.
        let start = String(decoding: bytes.prefix(4 * (charactersMax + 1)), as: UTF8.self).unicodeScalars
        guard start.count > charactersMax else { return String(start) }
        return String(String.UnicodeScalarView(start.prefix(charactersMax))) + "…"
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
                result += "\\u{\(String(scalar.value, radix: 16))}"
            default:
                if scalar == "\"" || scalar == "\\" { result += "\\" }
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
