/// The options and arguments that were given to a command, read as their types.
struct ArgumentReader: Sendable {
    /// Values by the option's name as its definition spells it; of a flag, an empty text.
    var values: [String: [String]] = [:]
    /// The words after the command.
    var arguments: [String] = []

    func has(_ name: String) -> Bool { values[name] != nil }

    func text(_ name: String) throws(UsageError) -> String? {
        guard let text = values[name]?.last else { return nil }
        guard !text.isEmpty else { throw wrong(name, text, expected: "something") }
        return text
    }

    func texts(_ name: String) -> [String] { values[name] ?? [] }

    func integer<Value: FixedWidthInteger & Sendable>(
        _ name: String, _ range: ClosedRange<Value>
    ) throws(UsageError) -> Value? {
        guard let text = values[name]?.last else { return nil }
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let value = Value(text), range.contains(value)
        else {
            throw wrong(name, text, expected: "an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    func positiveNumber(_ name: String) throws(UsageError) -> Double? {
        guard let text = values[name]?.last else { return nil }
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2E }), let value = Double(text), value > 0,
            value.isFinite
        else { throw wrong(name, text, expected: "a number above 0") }
        return value
    }

    func choice<Value: RawRepresentable & CaseIterable>(
        _ name: String, _ type: Value.Type = Value.self
    ) throws(UsageError) -> Value? where Value.RawValue == String {
        guard let text = values[name]?.last else { return nil }
        return try Self.word(text, called: "--\(name)", type)
    }

    func choices<Value: RawRepresentable & CaseIterable & Hashable>(
        _ name: String, _ type: Value.Type = Value.self
    ) throws(UsageError) -> Set<Value>? where Value.RawValue == String {
        guard let text = values[name]?.last else { return nil }
        var set: Set<Value> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            set.insert(try Self.word(String(part), called: "--\(name)", type))
        }
        return set
    }

    /// The word after the command as one of some words; nil if there is none.
    func argument<Value: RawRepresentable & CaseIterable>(
        _ placeholder: String, _ type: Value.Type = Value.self
    ) throws(UsageError) -> Value? where Value.RawValue == String {
        guard let text = arguments.first else { return nil }
        return try Self.word(text, called: placeholder, type)
    }

    func wrong(_ name: String, _ text: String, expected: String) -> UsageError {
        UsageError("--\(name) is \(text.isEmpty ? "empty" : text)", advice: "expected \(expected)")
    }

    private static func word<Value: RawRepresentable & CaseIterable>(
        _ text: String, called name: String, _ type: Value.Type
    ) throws(UsageError) -> Value where Value.RawValue == String {
        if let value = Value(rawValue: text) { return value }
        let words = Value.allCases.map(\.rawValue)
        throw UsageError(
            "\(name) is \(text.isEmpty ? "empty" : text)",
            advice: Hint.didYouMean(text, words) ?? "expected \(words.joined(separator: " or "))")
    }
}
