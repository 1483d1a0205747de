/// Help, made from the table of commands.
enum HelpText {
    private static let columnsMax = 100

    /// What RetailFlow is, and its commands.
    static func overview(_ definitions: [CommandDefinition] = CommandTable.all) -> String {
        var lines = [
            "RetailFlow makes a retailer's REST API an SQL data mart that is seconds fresh and hour by hour proven.",
            "", "Usage: retailflow [OPTIONS] COMMAND [OPTIONS]", "", "Commands:",
        ]
        lines += rows(definitions.map { ($0.name.rawValue, $0.summary) })
        lines += ["", "Examples:"]
        lines += definitions.filter { $0.name != .help }.flatMap { example($0.examples[0]) }
        lines += ["", "Options of every command, in front of it or behind:"]
        lines += rows(CommandTable.globalOptions.map { (spelling($0), $0.help) })
        lines += ["", "Exit codes:"]
        lines += rows(ExitCode.listed.map { (String($0.code.rawValue), $0.meaning) })
        lines += ["", "retailflow COMMAND --help explains a command with examples."]
        return lines.joined(separator: "\n") + "\n"
    }

    /// One command: by example first.
    static func text(of definition: CommandDefinition) -> String {
        var usage = "Usage: retailflow \(definition.name.rawValue)"
        if let argument = definition.argument {
            let words = argument.words.joined(separator: "|")
            usage += argument.isRequired ? " \(words)" : " [\(argument.placeholder)]"
            if let following = argument.following { usage += " \(following)" }
        }
        if !definition.options.isEmpty { usage += " [OPTIONS]" }
        var lines = ["\(definition.summary).", "", "Examples:"]
        lines += definition.examples.flatMap(example)
        if !definition.details.isEmpty { lines += [""] + wrapped(definition.details, indent: 0) }
        lines += ["", usage]
        if !definition.options.isEmpty {
            lines += ["", "Options:"]
            lines += rows(definition.options.map { (spelling($0), $0.help) })
        }
        lines += ["", "Options of every command:"]
        lines += rows(CommandTable.globalOptions.map { (spelling($0), $0.help) })
        return lines.joined(separator: "\n") + "\n"
    }

    /// `--endpoint sales|products|customers`.
    private static func spelling(_ option: OptionDefinition) -> String {
        let letter = option.letter.map { "-\($0), " } ?? ""
        guard let value = option.value else { return "\(letter)--\(option.name)" }
        let shown =
            switch value {
            // More words than a line holds are told by the completions, and by the error for a wrong one.
            case .choice(let name, let words): words.count > 8 ? name : words.joined(separator: "|")
            case .list(_, let words): words.joined(separator: ",")
            case .file, .directory, .setting, .text: value.placeholder
            }
        return "\(letter)--\(option.name) \(shown)"
    }

    private static func example(_ example: CommandDefinition.Example) -> [String] {
        ["  # \(example.meaning)", "  \(example.line)"]
    }

    /// Names and their meaning in two columns; a name that is too long has its meaning beneath.
    private static func rows(_ rows: [(name: String, meaning: String)]) -> [String] {
        let width = min(28, rows.map(\.name.count).max() ?? 0)
        return rows.flatMap { row -> [String] in
            var meaning = wrapped(row.meaning, indent: width + 4)
            if row.name.count > width { return ["  \(row.name)"] + meaning }
            let first = meaning.removeFirst().drop { $0 == " " }
            let padding = String(repeating: " ", count: width - row.name.count)
            return ["  \(row.name)\(padding)  \(first)"] + meaning
        }
    }

    private static func wrapped(_ text: String, indent: Int) -> [String] {
        let margin = String(repeating: " ", count: indent)
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, indent + line.count + 1 + word.count > columnsMax {
                lines.append(margin + line)
                line = ""
            }
            line += line.isEmpty ? String(word) : " \(word)"
        }
        return lines + [margin + line]
    }
}
