/// A command that can be run.
protocol CommandAction: Sendable {
    /// Does the command's work. Results go to `context.output`, all else to the logger.
    ///
    /// The task is cancelled by SIGINT and SIGTERM: a command that runs until then finishes what it has in hand and
    /// returns ``ExitCode/done``; one that was interrupted throws, best `CancellationError`.
    func run(_ context: CommandContext) async throws -> ExitCode
}
