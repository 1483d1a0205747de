extension Completions {
    static func fish(_ definitions: [CommandDefinition]) -> String {
        var lines = ["# Completions of retailflow for fish.", "complete -c retailflow -f"]
        lines += CommandTable.globalOptions.map { line(for: $0, condition: nil) }
        for definition in definitions {
            let name = definition.name.rawValue
            lines.append(
                "complete -c retailflow -n __fish_use_subcommand -a \(name) -d \(quoted(definition.summary))")
            let condition = "__fish_seen_subcommand_from \(name)"
            if let argument = definition.argument {
                let words = argument.words.joined(separator: " ")
                lines.append("complete -c retailflow -n \(quoted(condition)) -a \(quoted(words))")
            }
            lines += definition.options.map { line(for: $0, condition: condition) }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func line(for option: OptionDefinition, condition: String?) -> String {
        var line = "complete -c retailflow"
        if let condition { line += " -n \(quoted(condition))" }
        line += " -l \(option.name)"
        if let letter = option.letter { line += " -s \(letter)" }
        switch option.value {
        case .file: line += " -r -F"
        case .directory: line += " -x -a '(__fish_complete_directories)'"
        case .choice(_, let words): line += " -x -a \(quoted(words.joined(separator: " ")))"
        case .list(_, let words): line += " -x -a \(quoted("(__fish_append , \(words.joined(separator: " ")))"))"
        case .setting: line += " -x -a \(quoted(settings.joined(separator: " ")))"
        case .text: line += " -x"
        case nil: break
        }
        return line + " -d \(quoted(option.help))"
    }

    private static func quoted(_ text: String) -> String {
        "'\(text.replacing("\\", with: "\\\\").replacing("'", with: "\\'"))'"
    }
}
