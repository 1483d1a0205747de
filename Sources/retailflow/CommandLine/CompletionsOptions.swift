/// Options of `completions`.
struct CompletionsOptions: Hashable, Sendable {
    /// A shell whose completions can be written.
    enum Shell: String, CaseIterable, Sendable {
        case bash
        case zsh
        case fish
    }

    /// For which shell.
    var shell: Shell
}
