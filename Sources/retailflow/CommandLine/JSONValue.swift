import Telemetry

/// A value of a result that `--json` prints. Keys of objects are in order, so that the same result is the same text.
enum JSONValue: Hashable, Sendable {
    case object([String: JSONValue])
    case array([JSONValue])
    case text(String)
    case integer(Int64)
    /// Exact: `units` divided by 10 to the power of `decimals`; trailing zeros are left away.
    case decimal(units: Int64, decimals: Int)
    /// One that is not finite is null, which JSON has and `NaN` not.
    case number(Double)
    case flag(Bool)
    case null

    /// A whole number.
    init(_ integer: some BinaryInteger) {
        self = Int64(exactly: integer).map { .integer($0) } ?? .text(String(integer))
    }

    /// A text, or null.
    init(_ text: String?) {
        self = text.map { .text($0) } ?? .null
    }

    /// The value as JSON on one line, without a newline.
    var text: String {
        var text = ""
        append(to: &text)
        return text
    }

    private func append(to text: inout String) {
        switch self {
        case .object(let members):
            text += "{"
            for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { text += "," }
                JSONEscape.append(member.key, to: &text)
                text += ":"
                member.value.append(to: &text)
            }
            text += "}"
        case .array(let items):
            text += "["
            for (index, item) in items.enumerated() {
                if index > 0 { text += "," }
                item.append(to: &text)
            }
            text += "]"
        case .text(let string): JSONEscape.append(string, to: &text)
        case .integer(let integer): text += String(integer)
        case .decimal(let units, let decimals): text += Self.decimal(units, decimals)
        case .number(let number): text += number.isFinite ? String(number) : "null"
        case .flag(let flag): text += flag ? "true" : "false"
        case .null: text += "null"
        }
    }

    /// `-12.34` from -123400 and 4.
    static func decimal(_ units: Int64, _ decimals: Int) -> String {
        var digits = Array(String(units.magnitude))
        if digits.count <= decimals { digits = Array(repeating: "0", count: decimals + 1 - digits.count) + digits }
        var fraction = digits.suffix(decimals)
        while fraction.last == "0" { fraction.removeLast() }
        let whole = String(digits.dropLast(decimals))
        return (units < 0 ? "-" : "") + whole + (fraction.isEmpty ? "" : "." + String(fraction))
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    init(stringLiteral value: String) { self = .text(value) }
    init(integerLiteral value: Int64) { self = .integer(value) }
    init(booleanLiteral value: Bool) { self = .flag(value) }
}

extension JSONValue: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral {
    init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(Dictionary(elements, uniquingKeysWith: { _, last in last }))
    }

    init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
}
