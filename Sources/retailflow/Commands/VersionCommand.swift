/// `retailflow --version`.
struct VersionCommand: CommandAction {
    func run(_ context: CommandContext) async throws -> ExitCode {
        try context.write(json: ["version": .text(RetailFlow.version)], text: "retailflow \(RetailFlow.version)")
        return .done
    }
}
