/// A whole command line, understood.
struct Invocation: Hashable, Sendable {
    /// What applies to every command.
    var global: GlobalOptions
    /// What is to be done.
    var command: Command
}
