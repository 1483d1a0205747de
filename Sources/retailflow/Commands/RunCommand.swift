/// `retailflow run`: the service, until SIGTERM or SIGINT.
struct RunCommand: CommandAction {
    let options: RunOptions

    func run(_ context: CommandContext) async throws -> ExitCode {
        try await RunService(context, options.parts).run()
        return .done
    }
}
