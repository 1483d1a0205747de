extension Command {
    /// What does the command's work; nil for one that is not offered.
    var action: (any CommandAction)? {
        switch self {
        case .completions(let options): CompletionsCommand(options: options)
        case .help(let options): HelpCommand(options: options)
        case .version: VersionCommand()
        case .demo, .extract, .ingest, .batch, .status, .topics, .simulate: nil
        }
    }
}

extension CommandName {
    /// Whether the command has an action. A word whose command has none is as unknown as any other.
    var isOffered: Bool {
        switch self {
        case .completions, .help: true
        case .demo, .extract, .ingest, .batch, .status, .topics, .simulate: false
        }
    }
}
