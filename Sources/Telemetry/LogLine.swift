/// One event as a line.
struct LogLine {
    let microseconds: Int64
    let level: LogLevel
    let event: String
    let fields: [Logger.Field]

    /// `TIME LEVEL event name=value`, with a newline.
    var text: String {
        var line = Timestamp.text(microseconds: microseconds)
        line += " "
        line += level.rawValue.uppercased()
        line += String(repeating: " ", count: 8 - level.rawValue.count)
        TextEscape.append(event, to: &line, inQuotes: false)
        for (name, value) in fields {
            line += " "
            TextEscape.append(name, to: &line, inQuotes: false)
            line += "="
            switch value {
            case .text(let text): TextEscape.appendValue(text, to: &line)
            case .integer(let integer): line += String(integer)
            case .number(let number): line += String(number)
            case .flag(let flag): line += flag ? "true" : "false"
            case .null: line += "null"
            }
        }
        line += "\n"
        return line
    }

    /// A JSON object with `time`, `level`, `event` and the fields, and a newline. A field that has one of these three
    /// names gets an underscore after it.
    var json: String {
        var line = "{\"time\":\""
        line += Timestamp.text(microseconds: microseconds)
        line += "\",\"level\":\""
        line += level.rawValue
        line += "\",\"event\":"
        JSONEscape.append(event, to: &line)
        for (name, value) in fields {
            line += ","
            JSONEscape.append(["time", "level", "event"].contains(name) ? name + "_" : name, to: &line)
            line += ":"
            switch value {
            case .text(let text): JSONEscape.append(text, to: &line)
            case .integer(let integer): line += String(integer)
            case .number(let number) where number.isFinite: line += String(number)
            case .number(let number): JSONEscape.append(String(number), to: &line)
            case .flag(let flag): line += flag ? "true" : "false"
            case .null: line += "null"
            }
        }
        line += "}\n"
        return line
    }
}
