extension Command {
    /// What does the command's work; nil for one that is not offered.
    var action: (any CommandAction)? {
        switch self {
        case .completions(let options): CompletionsCommand(options: options)
        case .help(let options): HelpCommand(options: options)
        case .version: VersionCommand()
        case .demo(let options): DemoCommand(options: options)
        case .extract(let options): ExtractCommand(options: options)
        case .ingest(let options): IngestCommand(options: options)
        case .batch(let options): BatchCommand(options: options)
        case .replay(let options): ReplayCommand(options: options)
        case .status: StatusCommand()
        case .trace(let options): TraceCommand(options: options)
        case .rejects(let options): RejectsCommand(options: options)
        case .topics(let options): TopicsCommand(options: options)
        case .simulate(let options): SimulateCommand(options: options)
        }
    }
}

extension CommandName {
    /// Whether the command has an action. A word whose command has none is as unknown as any other.
    var isOffered: Bool {
        switch self {
        case .completions, .help, .demo, .extract, .ingest, .batch, .replay, .status, .rejects, .trace, .topics, .simulate: true
        }
    }
}
