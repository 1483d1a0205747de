/// How much a log event matters.
package enum LogLevel: String, CaseIterable, Comparable, Sendable {
    /// Every step.
    case debug
    /// What a run did.
    case info
    /// What needs attention some time.
    case warning
    /// What stopped something.
    case error

    /// Orders by weight: debug, info, warning, error.
    package static func < (a: LogLevel, b: LogLevel) -> Bool { a.weight < b.weight }

    private var weight: Int {
        switch self {
        case .debug: 0
        case .info: 1
        case .warning: 2
        case .error: 3
        }
    }
}
