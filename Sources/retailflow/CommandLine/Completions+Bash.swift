extension Completions {
    static func bash(_ definitions: [CommandDefinition]) -> String {
        let global = CommandTable.globalOptions
        let everywhere = global.flatMap(spellings).joined(separator: " ")
        let valued = (global + definitions.flatMap(\.options)).filter { $0.value != nil }.flatMap(spellings)
        var lines = [
            "# Completions of retailflow for bash.",
            "_retailflow() {",
            "    local current=\"${COMP_WORDS[COMP_CWORD]}\" previous=\"${COMP_WORDS[COMP_CWORD - 1]}\"",
            "    local command=\"\" words=\"\" index",
            "    COMPREPLY=()",
            "    # bash makes the equals sign of --name=value a word of its own.",
            "    if [[ $current == \"=\" ]]; then",
            "        current=\"\"",
            "    elif [[ $previous == \"=\" ]] && ((COMP_CWORD > 2)); then",
            "        previous=\"${COMP_WORDS[COMP_CWORD - 2]}\"",
            "    fi",
            "    for ((index = 1; index < COMP_CWORD; index++)); do",
            "        case \"${COMP_WORDS[index]}\" in",
            "            \(Set(valued).sorted().joined(separator: "|")))",
            "                ((index++))",
            "                [[ ${COMP_WORDS[index]} == \"=\" ]] && ((index++))",
            "                ;;",
            "            -* | =) ;;",
            "            *)",
            "                command=\"${COMP_WORDS[index]}\"",
            "                break",
            "                ;;",
            "        esac",
            "    done",
            "    case \"$command:$previous\" in",
        ]
        for option in global { lines += valueCase(of: option, command: "*") }
        for definition in definitions {
            for option in definition.options { lines += valueCase(of: option, command: definition.name.rawValue) }
        }
        lines += ["    esac", "    case \"$command\" in"]
        lines.append("        \"\") words=\"\(definitions.map(\.name.rawValue).joined(separator: " "))\" ;;")
        for definition in definitions {
            let own = (definition.argument?.words ?? []) + definition.options.flatMap(spellings)
            lines.append("        \(definition.name.rawValue)) words=\"\(own.joined(separator: " "))\" ;;")
        }
        lines += [
            "    esac",
            "    COMPREPLY=($(compgen -W \"$words \(everywhere)\" -- \"$current\"))",
            "}",
            "complete -F _retailflow retailflow",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    private static func spellings(_ option: OptionDefinition) -> [String] {
        ["--\(option.name)"] + (option.letter.map { ["-\($0)"] } ?? [])
    }

    private static func valueCase(of option: OptionDefinition, command: String) -> [String] {
        guard let value = option.value else { return [] }
        let reply: [String]
        switch value {
        case .file:
            reply = ["compopt -o filenames", "COMPREPLY=($(compgen -f -- \"$current\"))"]
        case .directory:
            reply = ["compopt -o filenames", "COMPREPLY=($(compgen -d -- \"$current\"))"]
        case .choice(_, let words), .list(_, let words):
            reply = ["COMPREPLY=($(compgen -W \"\(words.joined(separator: " "))\" -- \"$current\"))"]
        case .setting:
            let words = settings.joined(separator: " ")
            reply = ["compopt -o nospace", "COMPREPLY=($(compgen -W \"\(words)\" -- \"$current\"))"]
        case .text:
            reply = []
        }
        let pattern = spellings(option).map { "\(command):\($0)" }.joined(separator: " | ")
        return ["        \(pattern))"] + (reply + ["return", ";;"]).map { "            \($0)" }
    }
}
