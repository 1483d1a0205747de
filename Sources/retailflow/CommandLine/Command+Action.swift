extension Command {
    /// What does the command's work.
    var action: any CommandAction {
        switch self {
        case .completions(let options): CompletionsCommand(options: options)
        case .help(let options): HelpCommand(options: options)
        case .version: VersionCommand()
        case .demo(let options): DemoCommand(options: options)
        case .run(let options): RunCommand(options: options)
        case .extract(let options): ExtractCommand(options: options)
        case .ingest(let options): IngestCommand(options: options)
        case .batch(let options): BatchCommand(options: options)
        case .replay(let options): ReplayCommand(options: options)
        case .status: StatusCommand()
        case .trace(let options): TraceCommand(options: options)
        case .rejects(let options): RejectsCommand(options: options)
        case .topics(let options): TopicsCommand(options: options)
        case .warehouse: WarehouseCommand()
        case .simulate(let options): SimulateCommand(options: options)
        }
    }
}
