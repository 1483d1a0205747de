import Configuration

// What each module's error means for the process. One extension a module.

extension UsageError: CommandFailure {
    var exitCode: ExitCode { .usage }
}

extension ConfigurationError: CommandFailure {
    var exitCode: ExitCode { .configuration }
}

extension OutputError: CommandFailure {
    /// A reader that has enough (`retailflow status | head -1`) ends a command as the signal would have done.
    var exitCode: ExitCode { isClosedPipe ? .signal(13) : .inputOutput }
    var failureDescription: String? { isClosedPipe ? nil : description }
}

extension CancellationError: CommandFailure {
    var exitCode: ExitCode { .tryAgain }
    var failureDescription: String? { "stopped before the end; what is done is kept; run the command again" }
    var isCancellation: Bool { true }
}
