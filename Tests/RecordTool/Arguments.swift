/// The words behind the command: `--name value`, and flags.
struct Arguments {
    private static let flags: Set<String> = ["quiet", "uncommitted"]
    private var values: [String: [String]] = [:]
    /// Properties of librdkafka, from `--set`.
    private(set) var properties: [String: String] = [:]

    init(_ words: ArraySlice<String>) throws(UsageFault) {
        var rest = words
        while let word = rest.popFirst() {
            guard word.hasPrefix("--") else { throw UsageFault(reason: "\(word) is no option") }
            let name = String(word.dropFirst(2))
            if Arguments.flags.contains(name) {
                values[name] = [""]
            } else if let value = rest.popFirst() {
                values[name, default: []].append(value)
            } else {
                throw UsageFault(reason: "\(word) needs a value")
            }
        }
        for text in values["set"] ?? [] {
            guard let equals = text.firstIndex(of: "=") else { throw UsageFault(reason: "--set \(text) has no =") }
            properties[String(text[..<equals])] = String(text[text.index(after: equals)...])
        }
    }

    func has(_ name: String) -> Bool { values[name] != nil }

    func all(_ name: String) -> [String] { values[name] ?? [] }

    func value(_ name: String) throws(UsageFault) -> String {
        guard let value = values[name]?.last else { throw UsageFault(reason: "--\(name) is needed") }
        return value
    }

    /// How long a call may take.
    func timeoutMilliseconds() throws(UsageFault) -> Int {
        guard has("timeout") else { return 30_000 }
        guard let number = Int(try value("timeout")), number > 0 else {
            throw UsageFault(reason: "--timeout needs milliseconds")
        }
        return number
    }
}

/// What is wrong with the command line, or with a line of standard input.
struct UsageFault: Error {
    let reason: String
}
