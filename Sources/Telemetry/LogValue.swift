/// The value of a field of a log event.
package enum LogValue: Hashable, Sendable {
    /// A text, escaped when written.
    case text(String)
    /// A whole number.
    case integer(Int64)
    /// A number; one that is not finite is written as text.
    case number(Double)
    /// True or false.
    case flag(Bool)
    /// Nothing.
    case null

    /// A whole number of any width; beyond 64 bits it is written as text.
    package init(_ integer: some BinaryInteger) {
        self = Int64(exactly: integer).map { .integer($0) } ?? .text(String(integer))
    }

    /// A text, or nothing.
    package init(_ text: String?) {
        self = text.map { .text($0) } ?? .null
    }

    /// What a value says of itself, such as an error or a partition.
    package init(describing value: some CustomStringConvertible) {
        self = .text(value.description)
    }
}

extension LogValue: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    /// A text.
    package init(stringLiteral value: String) { self = .text(value) }
}

extension LogValue: ExpressibleByIntegerLiteral {
    /// A whole number.
    package init(integerLiteral value: Int64) { self = .integer(value) }
}

extension LogValue: ExpressibleByFloatLiteral {
    /// A number.
    package init(floatLiteral value: Double) { self = .number(value) }
}

extension LogValue: ExpressibleByBooleanLiteral {
    /// True or false.
    package init(booleanLiteral value: Bool) { self = .flag(value) }
}
