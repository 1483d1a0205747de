extension Completions {
    static func zsh(_ definitions: [CommandDefinition]) -> String {
        var lines = [
            "#compdef retailflow",
            "# Completions of retailflow for zsh.",
            "_retailflow() {",
            "    local context state state_descr line",
            "    typeset -A opt_args",
            "    local -a globals commands",
            "    globals=(",
        ]
        lines += CommandTable.globalOptions.map { "        \(specification(of: $0))" }
        lines += ["    )", "    commands=("]
        lines += definitions.map { "        \(quoted("\($0.name.rawValue):\($0.summary)"))" }
        lines += [
            "    )",
            "    _arguments -C -A '-*' $globals '1:command:->command' '*::argument:->argument'",
            "    case $state in",
            "        command) _describe command commands ;;",
            "        argument)",
            "            case $line[1] in",
        ]
        for definition in definitions {
            lines.append("                \(definition.name.rawValue))")
            var specifications = definition.options.map(specification)
            if let argument = definition.argument {
                let words = argument.words.joined(separator: " ")
                specifications.append(quoted("1:\(escaped(argument.placeholder)):(\(words))"))
            }
            lines.append(
                "                    _arguments \((["$globals"] + specifications).joined(separator: " \\\n                        "))"
            )
            lines.append("                    ;;")
        }
        lines += [
            "            esac",
            "            ;;",
            "    esac",
            "}",
            "if [[ $funcstack[1] == _retailflow ]]; then",
            "    _retailflow \"$@\"",
            "else",
            "    compdef _retailflow retailflow",
            "fi",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    private static func specification(of option: OptionDefinition) -> String {
        let help = "[\(escaped(option.help))]"
        let star = option.isRepeatable ? "*" : ""
        guard let value = option.value else {
            guard let letter = option.letter else { return quoted("\(star)--\(option.name)\(help)") }
            let both = "{-\(letter),--\(option.name)}"
            return quoted("(-\(letter) --\(option.name))") + both + quoted(help)
        }
        let action =
            switch value {
            case .file: "_files"
            case .directory: "_files -/"
            case .choice(_, let words): "(\(words.joined(separator: " ")))"
            case .list(_, let words): "_values -s , part \(words.joined(separator: " "))"
            case .setting: "compadd -S '' -- \(settings.joined(separator: " "))"
            case .text: " "
            }
        return quoted("\(star)--\(option.name)=\(help):\(escaped(value.placeholder)):\(action)")
    }

    /// Colons and brackets mean something in a specification.
    private static func escaped(_ text: String) -> String {
        text.map { "[]:\\".contains($0) ? "\\\($0)" : String($0) }.joined()
    }

    private static func quoted(_ text: String) -> String {
        "'\(text.replacing("'", with: "'\\''"))'"
    }
}
