/// Options of `help`, and what `COMMAND --help` asks for.
struct HelpOptions: Hashable, Sendable {
    /// The command that is explained; nil: all of them.
    var command: CommandName?
}
