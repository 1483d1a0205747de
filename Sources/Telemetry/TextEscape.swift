/// Texts for people: nothing that would break a line or steer a terminal.
package enum TextEscape {
    /// The text with control characters, line separators and invisible direction marks escaped.
    package static func escaped(_ text: String) -> String {
        var line = ""
        append(text, to: &line, inQuotes: false)
        return line
    }

    /// Appends a value: in quotes if it is empty or holds a blank, a quote or an equals sign.
    static func appendValue(_ text: String, to line: inout String) {
        guard text.isEmpty || text.unicodeScalars.contains(where: { $0 == " " || $0 == "\"" || $0 == "=" }) else {
            return append(text, to: &line, inQuotes: false)
        }
        line += "\""
        append(text, to: &line, inQuotes: true)
        line += "\""
    }

    static func append(_ text: String, to line: inout String, inQuotes: Bool) {
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": line += "\\n"
            case "\r": line += "\\r"
            case "\t": line += "\\t"
            case "\\" where inQuotes: line += "\\\\"
            case "\"" where inQuotes: line += "\\\""
            case " "..."~": line.unicodeScalars.append(scalar)
            default:
                switch scalar.properties.generalCategory {
                case .control, .format, .lineSeparator, .paragraphSeparator:
                    line += "\\u{" + String(scalar.value, radix: 16) + "}"
                default: line.unicodeScalars.append(scalar)
                }
            }
        }
    }
}
