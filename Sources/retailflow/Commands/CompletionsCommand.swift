/// `retailflow completions`.
struct CompletionsCommand: CommandAction {
    let options: CompletionsOptions

    func run(_ context: CommandContext) async throws -> ExitCode {
        try context.output.write(Completions.script(for: options.shell))
        return .done
    }
}
