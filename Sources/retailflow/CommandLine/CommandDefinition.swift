/// What is known of a command: parser, help and completions all come from it.
struct CommandDefinition: Sendable {
    /// A word that follows the command.
    struct Argument: Sendable {
        /// Its name in help: `SHELL`.
        let placeholder: String
        /// What it can be.
        let words: [String]
        let isRequired: Bool
        /// The name in help of a word of any kind that stands behind it.
        var following: String?
    }

    /// A command line worth copying, and what it does.
    struct Example: Sendable {
        let line: String
        let meaning: String

        init(_ line: String, _ meaning: String) {
            self.line = line
            self.meaning = meaning
        }
    }

    let name: CommandName
    /// One line, for the list of commands.
    let summary: String
    /// What else there is to know.
    let details: String
    var argument: Argument?
    var options: [OptionDefinition] = []
    /// The first is what most users want.
    let examples: [Example]
    /// Makes the command of its words.
    let make: @Sendable (ArgumentReader) throws(UsageError) -> Command
}
