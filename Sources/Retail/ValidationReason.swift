/// One reason why a record is not valid: which field, what kind of fault, and the words for a person.
package struct ValidationReason: Sendable, Hashable, CustomStringConvertible {
    /// The path of the field, such as `items[2].quantity`; `record` when it is the record as a whole.
    package let field: String
    /// The kind of fault, from a bounded set: a label for metrics.
    package let code: Code
    /// What is wrong, such as `"x" is not an integer`; no customer ids, no e-mail addresses, no control characters.
    package let message: String

    /// The path that stands for the record as a whole.
    package static let wholeRecord = "record"

    /// Makes a reason.
    package init(field: String, code: Code, message: String) {
        self.field = field
        self.code = code
        self.message = message
    }

    /// Field and message: `items[2].quantity: "x" is not an integer`.
    package var description: String { "\(field): \(message)" }
}
