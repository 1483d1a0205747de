/// A mapping of a declaration, read key by key; what is unknown, missing or of another type is an error with its line.
struct YAMLFields {
    let file: String
    private let subject: String
    private let line: Int
    private let entries: [YAMLNode.Entry]

    /// - Parameters:
    ///   - subject: what the mapping is, for messages.
    ///   - known: the keys it may have.
    init(_ node: YAMLNode, of subject: String, file: String, known: [String]) throws(ConfigurationError) {
        self.file = file
        self.subject = subject
        line = node.line
        guard case .mapping(let entries) = node.content else {
            throw ConfigurationError(
                .wrongType, "\(subject) is \(node.kind), expected keys", at: .file(file, line: node.line),
                advice: "the keys are \(known.joined(separator: ", "))")
        }
        self.entries = entries
        for entry in entries where !known.contains(entry.key) {
            let advice =
                NearestWord.find(entry.key, in: known).map { "did you mean \($0)?" }
                ?? "the keys are \(known.joined(separator: ", "))"
            throw ConfigurationError(
                .unknownKey, "\(subject) has no key \"\(Shown.text(entry.key))\"", at: .file(file, line: entry.line),
                advice: advice)
        }
    }

    func required<Value>(
        _ key: String, _ words: String, _ read: (String, Bool) -> Value?
    ) throws(ConfigurationError) -> Value {
        if let value = try optional(key, words, read) { return value }
        throw error(.missingValue, "\(subject) lacks \(key)", line: line, advice: "write \(key): \(words)")
    }

    func optional<Value>(
        _ key: String, _ words: String, _ read: (String, Bool) -> Value?
    ) throws(ConfigurationError) -> Value? {
        guard let entry = entry(key) else { return nil }
        guard case .scalar(let text, let isPlain) = entry.value.content else {
            throw error(
                .wrongType, "\(key) is \(entry.value.kind)", line: entry.value.line, advice: "expected \(words)")
        }
        guard let value = read(text, isPlain) else {
            let shown = isPlain ? Shown.text(text) : "the text \"\(Shown.text(text))\""
            throw error(.wrongType, "\(key) is \(shown)", line: entry.value.line, advice: "expected \(words)")
        }
        return value
    }

    /// The texts of a mapping of single values; none if the key is not there.
    func texts(_ key: String) throws(ConfigurationError) -> [(YAMLNode.Entry, String)] {
        guard let entry = entry(key) else { return [] }
        guard case .mapping(let entries) = entry.value.content else {
            throw error(
                .wrongType, "\(key) is \(entry.value.kind)", line: entry.line, advice: "expected name: value beneath it"
            )
        }
        var texts: [(YAMLNode.Entry, String)] = []
        for entry in entries {
            guard case .scalar(let text, _) = entry.value.content, !entry.value.isNull else {
                throw error(
                    .wrongType, "\(key).\(Shown.text(entry.key)) is \(entry.value.kind)", line: entry.line,
                    advice: "write the whole name with its dots, and a single value")
            }
            texts.append((entry, text))
        }
        return texts
    }

    func mapping(_ key: String, known: [String]) throws(ConfigurationError) -> YAMLFields {
        guard let entry = entry(key) else {
            throw error(
                .missingValue, "\(subject) lacks \(key)", line: line,
                advice: "its keys are \(known.joined(separator: ", "))")
        }
        return try YAMLFields(entry.value, of: key, file: file, known: known)
    }

    func list(_ key: String) throws(ConfigurationError) -> [YAMLNode] {
        guard let entry = entry(key) else { return [] }
        guard case .sequence(let items) = entry.value.content else {
            throw error(.wrongType, "\(key) is \(entry.value.kind)", line: entry.line, advice: "expected a list")
        }
        return items
    }

    func error(
        _ code: ConfigurationError.Code, _ problem: String, at key: String, advice: String
    ) -> ConfigurationError {
        error(code, problem, line: entry(key)?.line ?? line, advice: advice)
    }

    func error(
        _ code: ConfigurationError.Code, _ problem: String, line: Int, advice: String
    ) -> ConfigurationError {
        ConfigurationError(code, problem, at: .file(file, line: line), advice: advice)
    }

    private func entry(_ key: String) -> YAMLNode.Entry? {
        entries.first { $0.key == key && !$0.value.isNull }
    }
}
