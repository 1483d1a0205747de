internal import Foundation

/// How one type of value is read, written and named in messages.
struct SettingType<Value: Hashable & Sendable>: Sendable {
    /// What a text turned out to be.
    enum Reading {
        case value(Value)
        case wrongType
        case outOfRange
    }

    /// The type in words that follow "expected": `an integer from 1 to 250`.
    let words: String
    /// Whether a value may hold a secret, so that no message shows it.
    var isSensitive = false
    let read: @Sendable (SettingInput) -> Reading
    let write: @Sendable (Value) -> String
}

extension SettingType {
    /// A type whose values are told by a failable initializer.
    static func parsed(
        _ words: String, isSensitive: Bool = false, _ parse: @escaping @Sendable (String) -> Value?,
        write: @escaping @Sendable (Value) -> String
    ) -> SettingType {
        SettingType(
            words: words, isSensitive: isSensitive,
            read: { input in parse(input.text).map { .value($0) } ?? .wrongType }, write: write)
    }
}

extension SettingType where Value == Int {
    static func integer(_ range: ClosedRange<Int>) -> SettingType {
        SettingType(
            words: "an integer from \(range.lowerBound) to \(range.upperBound)",
            read: { input in
                let digits = input.text.hasPrefix("-") ? input.text.dropFirst() : input.text[...]
                guard input.isPlain, !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
                    return .wrongType
                }
                guard let value = Int(input.text), range.contains(value) else { return .outOfRange }
                return .value(value)
            },
            write: { String($0) })
    }

    /// Seconds, with up to three decimals, kept as milliseconds.
    static func seconds(_ milliseconds: ClosedRange<Int>) -> SettingType {
        let format: @Sendable (Int) -> String = { value in
            let fraction = String(String(1000 + value % 1000).dropFirst())
            let digits = fraction.reversed().drop { $0 == "0" }.reversed()
            return digits.isEmpty ? "\(value / 1000)" : "\(value / 1000).\(String(digits))"
        }
        return SettingType(
            words: "seconds from \(format(milliseconds.lowerBound)) to \(format(milliseconds.upperBound)), "
                + "with at most 3 decimals",
            read: { input in
                guard input.isPlain, let value = Self.thousandths(input.text) else { return .wrongType }
                return milliseconds.contains(value) ? .value(value) : .outOfRange
            },
            write: format)
    }

    /// A decimal number times 1,000; nil if it is none or has more decimals than that. Too large ones give `Int.max`.
    private static func thousandths(_ text: String) -> Int? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard !parts[0].isEmpty, parts.count == 1 || (1...3).contains(parts[1].utf8.count),
            parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } })
        else { return nil }
        let fraction = parts.count == 1 ? "000" : parts[1].padding(toLength: 3, withPad: "0", startingAt: 0)
        return Int(parts[0] + fraction) ?? .max
    }
}

extension SettingType where Value == Double {
    static func percent(_ range: ClosedRange<Double>) -> SettingType {
        let format: @Sendable (Double) -> String = { $0 == $0.rounded() ? String(Int($0)) : String($0) }
        return SettingType(
            words: "a number from \(format(range.lowerBound)) to \(format(range.upperBound))",
            read: { input in
                let isDecimal = input.text.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2E || $0 == 0x2D }
                guard input.isPlain, isDecimal, let value = Double(input.text) else { return .wrongType }
                return range.contains(value) ? .value(value) : .outOfRange
            },
            write: format)
    }
}

extension SettingType where Value == Bool {
    static var boolean: SettingType {
        SettingType(
            words: "true or false",
            read: { input in
                guard input.isPlain else { return .wrongType }
                switch input.text {
                case "true": return .value(true)
                case "false": return .value(false)
                default: return .wrongType
                }
            },
            write: { $0 ? "true" : "false" })
    }
}

extension SettingType where Value == String {
    static func text(_ words: String, where isValid: @escaping @Sendable (String) -> Bool) -> SettingType {
        .parsed(words, { isValid($0) ? $0 : nil }, write: { $0 })
    }

    static var path: SettingType {
        .text("a path", where: { !$0.isEmpty && !$0.utf8.contains(0) })
    }

    static var httpURL: SettingType {
        .parsed(
            "an address that begins with http:// or https://, without user, query and fragment",
            { text in
                guard let parts = URLComponents(string: text), ["http", "https"].contains(parts.scheme?.lowercased()),
                    parts.host?.isEmpty == false, parts.user == nil, parts.password == nil, parts.query == nil,
                    parts.fragment == nil
                else { return nil }
                return text.hasSuffix("/") ? String(text.reversed().drop { $0 == "/" }.reversed()) : text
            }, write: { $0 })
    }

    static var headerName: SettingType {
        .text("the name of an HTTP header") { text in
            !text.isEmpty
                && text.utf8.allSatisfy { byte in
                    let character = Unicode.Scalar(byte)
                    return character.properties.isAlphabetic && byte < 0x80 || (0x30...0x39).contains(byte)
                        || "!#$%&'*+-.^_`|~".unicodeScalars.contains(character)
                }
        }
    }

    static var timeZone: SettingType {
        .text("a time zone such as UTC or Europe/London", where: { TimeZone(identifier: $0) != nil })
    }

    static var topicName: SettingType {
        .text("a topic name: at most 249 letters, digits, dots, hyphens and underscores", where: TopicName.isValid)
    }

    static var identifier: SettingType {
        .text("a name of at most 200 characters without blanks") { text in
            (1...200).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        }
    }
}

extension SettingType where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    static var word: SettingType {
        .parsed(
            Value.allCases.map(\.rawValue).joined(separator: " or "), { Value(rawValue: $0) }, write: { $0.rawValue })
    }
}

extension SettingType where Value == CronSchedule? {
    static var cron: SettingType {
        SettingType(
            words: "five fields of a cron line such as 0 * * * *, or none",
            read: { input in
                if input.text == "none" { return .value(nil) }
                return CronSchedule(input.text).map { .value($0) } ?? .wrongType
            },
            write: { $0?.description ?? "none" })
    }
}
