import Configuration

/// All commands and options: parser, help and completions are made from this table.
enum CommandTable {
    /// Every command, in the order of help.
    static let all: [CommandDefinition] = [
        demo, run, extract, ingest, batch, replay, status, rejects, trace, topics, warehouse, simulate, completions,
        help,
    ]

    /// Options that every command takes.
    static let globalOptions: [OptionDefinition] = [
        OptionDefinition(
            "config", .file("FILE"),
            help: "The configuration file (without it \(GlobalOptions.defaultConfigurationFile), if there is one)."),
        OptionDefinition(
            "set", .setting("section.key=value"), isRepeatable: true,
            help: "Changes one setting; goes before the file and the environment."),
        OptionDefinition(
            "log-level", .choice("LEVEL", Settings.Log.Level.allCases.map(\.rawValue)),
            help: "The least level that is logged."),
        OptionDefinition(
            "log-format", .choice("FORMAT", Settings.Log.Format.allCases.map(\.rawValue)),
            help: "How log lines look."),
        OptionDefinition("json", help: "Prints the result as one JSON object."),
        OptionDefinition("version", help: "Prints the version."),
        OptionDefinition("help", letter: "h", help: "Explains the command, with examples."),
    ]
}
