import Configuration

/// Completions of shells, made from the table of commands.
enum Completions {
    /// The script for a shell.
    static func script(
        for shell: CompletionsOptions.Shell, _ definitions: [CommandDefinition] = CommandTable.all
    ) -> String {
        switch shell {
        case .bash: bash(definitions)
        case .zsh: zsh(definitions)
        case .fish: fish(definitions)
        }
    }

    /// What can follow `--set`: every key with its equals sign.
    static var settings: [String] { SettingKey.all.map { "\($0.name)=" } + ["kafka.properties."] }
}
