/// `retailflow help`, and `COMMAND --help`.
struct HelpCommand: CommandAction {
    let options: HelpOptions

    func run(_ context: CommandContext) async throws -> ExitCode {
        let definition = CommandTable.all.first { $0.name == options.command }
        try context.output.write(definition.map(HelpText.text) ?? HelpText.overview())
        return .done
    }
}
