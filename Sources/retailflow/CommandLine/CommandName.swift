/// The commands, by the words that users type.
enum CommandName: String, CaseIterable, Sendable {
    case demo
    case run
    case extract
    case ingest
    case batch
    case replay
    case status
    case trace
    case rejects
    case topics
    case warehouse
    case simulate
    case completions
    case help
}
