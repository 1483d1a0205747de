/// A command that was asked for, with its options read and checked.
enum Command: Hashable, Sendable {
    case demo(DemoOptions)
    case run(RunOptions)
    case extract(ExtractOptions)
    case ingest(IngestOptions)
    case batch(BatchOptions)
    case replay(ReplayOptions)
    case status
    case trace(TraceOptions)
    case rejects(RejectsOptions)
    case topics(TopicsOptions)
    case warehouse(WarehouseOptions)
    case simulate(SimulateOptions)
    case completions(CompletionsOptions)
    case help(HelpOptions)
    case version

    /// Whether the command works without the configuration, so that a mistake there cannot keep users from its help.
    var ignoresConfiguration: Bool {
        switch self {
        case .completions, .help, .version: true
        case .demo, .run, .extract, .ingest, .batch, .replay, .status, .rejects, .trace, .topics, .warehouse,
            .simulate:
            false
        }
    }
}
