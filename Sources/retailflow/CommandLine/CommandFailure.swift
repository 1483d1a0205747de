/// An error that says how the process ends because of it.
///
/// Each module's error is made one in `CommandFailure+Conformances.swift`; an error that is none counts as a bug.
protocol CommandFailure: Error {
    /// The code with which the process ends.
    var exitCode: ExitCode { get }
    /// `what; where; what to do`, on one line; nil to end without a word.
    var failureDescription: String? { get }
    /// Whether the work only ended because its task was cancelled.
    var isCancellation: Bool { get }
}

extension CommandFailure {
    /// The error's own description.
    var failureDescription: String? { String(describing: self) }
    /// False.
    var isCancellation: Bool { false }
}
