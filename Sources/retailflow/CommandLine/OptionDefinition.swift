/// One option of the command line.
struct OptionDefinition: Sendable {
    /// What an option's value is, for help and completions.
    enum Value: Sendable {
        case file(String)
        case directory(String)
        /// One of some words.
        case choice(String, [String])
        /// A comma-separated list of some words.
        case list(String, [String])
        /// A key of the configuration and its value.
        case setting(String)
        case text(String)

        /// The value's name in help: `DIR`.
        var placeholder: String {
            switch self {
            case .file(let name), .directory(let name), .choice(let name, _), .list(let name, _), .setting(let name),
                .text(let name):
                name
            }
        }

        /// The words to choose from, if there are any.
        var words: [String] {
            switch self {
            case .choice(_, let words), .list(_, let words): words
            case .file, .directory, .setting, .text: []
            }
        }
    }

    /// The name without its hyphens in front; within it, `-` and `_` are the same to users.
    let name: String
    /// A letter for the same.
    let letter: Character?
    /// The value; nil for a flag.
    let value: Value?
    /// Whether it can be given several times; of another, the last counts.
    let isRepeatable: Bool
    /// What it does, in one sentence.
    let help: String

    init(
        _ name: String, _ value: Value? = nil, letter: Character? = nil, isRepeatable: Bool = false, help: String
    ) {
        self.name = name
        self.letter = letter
        self.value = value
        self.isRepeatable = isRepeatable
        self.help = help
    }

    /// Whether a word that a user typed means this option.
    func isCalled(_ word: String) -> Bool {
        Self.normalized(word) == Self.normalized(name)
    }

    private static func normalized(_ name: String) -> String {
        String(name.map { $0 == "_" ? "-" : $0 })
    }
}
