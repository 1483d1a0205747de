/// Reads a command line in the GNU way: `--name=value`, `--name value`, `-n value`, `-nvalue`, letters of flags
/// together, `--` before words that begin with a hyphen; global options before or after the command.
struct ArgumentParser {
    /// The commands that are offered; any other word is unknown.
    let definitions: [CommandDefinition]

    private var definition: CommandDefinition?
    private var global = ArgumentReader()
    private var own = ArgumentReader()
    private var words: ArraySlice<String> = []

    init(_ definitions: [CommandDefinition] = CommandTable.all) {
        self.definitions = definitions
    }

    /// What the words, without the program's name, ask for.
    ///
    /// - Throws: ``UsageError`` with the nearest known word, or where to read on.
    func parse(_ arguments: [String]) throws(UsageError) -> Invocation {
        var parser = self
        parser.words = arguments[...]
        return try parser.read()
    }

    private mutating func read() throws(UsageError) -> Invocation {
        var areOptionsOver = false
        while let word = words.popFirst() {
            if areOptionsOver || word == "-" || !word.hasPrefix("-") {
                try readWord(word)
            } else if word == "--" {
                areOptionsOver = true
            } else if word.hasPrefix("--") {
                try readLong(word)
            } else {
                try readLetters(word)
            }
        }
        let global = try readGlobal()
        if self.global.has("help") {
            return Invocation(global: global, command: .help(.init(command: definition?.name)))
        }
        if self.global.has("version") { return Invocation(global: global, command: .version) }
        guard let definition else {
            throw UsageError("no command is given", advice: "retailflow help lists the commands")
        }
        if definition.argument?.isRequired == true, own.arguments.isEmpty, let argument = definition.argument {
            throw UsageError(
                "\(definition.name.rawValue) needs one of \(argument.words.joined(separator: ", "))",
                advice: "retailflow \(definition.name.rawValue) --help shows examples")
        }
        return Invocation(global: global, command: try definition.make(own))
    }

    // MARK: Words

    private mutating func readWord(_ word: String) throws(UsageError) {
        guard let definition else {
            guard let found = definitions.first(where: { $0.name.rawValue == word }) else {
                throw UsageError(
                    "\"\(word)\" is not a command",
                    advice: Hint.didYouMean(word, definitions.map(\.name.rawValue))
                        ?? "retailflow help lists the commands")
            }
            self.definition = found
            return
        }
        let wordsMax = definition.argument.map { $0.following == nil ? 1 : 2 } ?? 0
        guard own.arguments.count < wordsMax else {
            throw UsageError(
                "\(definition.name.rawValue) does not take \"\(word)\"",
                advice: "retailflow \(definition.name.rawValue) --help shows what it takes")
        }
        own.arguments.append(word)
    }

    private mutating func readLong(_ word: String) throws(UsageError) {
        let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0])
        let option = try find("--\(name)") { $0.isCalled(name) }
        var value = parts.count == 2 ? String(parts[1]) : nil
        if option.value == nil {
            guard value == nil else {
                throw UsageError("--\(option.name) takes no value", advice: "write --\(option.name) alone")
            }
        } else if value == nil {
            value = try nextValue(of: option)
        }
        note(option, value ?? "")
    }

    private mutating func readLetters(_ word: String) throws(UsageError) {
        var letters = word.dropFirst()
        while let letter = letters.popFirst() {
            let option = try find("-\(letter)") { $0.letter == letter }
            guard option.value != nil else {
                note(option, "")
                continue
            }
            let rest = letters.first == "=" ? letters.dropFirst() : letters
            note(option, letters.isEmpty ? try nextValue(of: option) : String(rest))
            return
        }
    }

    private mutating func nextValue(of option: OptionDefinition) throws(UsageError) -> String {
        // `--config --json` is a forgotten value far more often than a file of that name; `--config=--json` is one.
        guard let value = words.first, !value.hasPrefix("--") else {
            let placeholder = option.value?.placeholder ?? "VALUE"
            throw UsageError("--\(option.name) needs a value", advice: "write --\(option.name) \(placeholder)")
        }
        words.removeFirst()
        return value
    }

    private mutating func note(_ option: OptionDefinition, _ value: String) {
        if CommandTable.globalOptions.contains(where: { $0.name == option.name }) {
            global.values[option.name, default: []].append(value)
        } else {
            own.values[option.name, default: []].append(value)
        }
    }

    private func find(_ word: String, _ isIt: (OptionDefinition) -> Bool) throws(UsageError) -> OptionDefinition {
        let known = CommandTable.globalOptions + (definition?.options ?? [])
        if let option = known.first(where: isIt) { return option }
        if definition == nil, let owner = definitions.first(where: { $0.options.contains(where: isIt) }) {
            throw UsageError(
                "\(word) is an option of a command", advice: "write it behind, as in retailflow \(owner.name) \(word)")
        }
        let subject = definition.map { "an option of \($0.name.rawValue)" } ?? "an option"
        let help = definition.map { "retailflow \($0.name.rawValue) --help" } ?? "retailflow help"
        throw UsageError(
            "\(word) is not \(subject)",
            advice: Hint.didYouMean(word, known.map { "--\($0.name)" }) ?? "\(help) lists the options")
    }

    // MARK: Global options

    private func readGlobal() throws(UsageError) -> GlobalOptions {
        let overrides = global.texts("set")
        for override in overrides where !override.contains("=") {
            throw UsageError("--set \(override) has no value", advice: "write --set section.key=value")
        }
        return GlobalOptions(
            configurationFile: try global.text("config"), overrides: overrides,
            logLevel: try global.choice("log-level"), logFormat: try global.choice("log-format"),
            isJSON: global.has("json"))
    }
}
