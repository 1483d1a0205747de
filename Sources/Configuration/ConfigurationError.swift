/// Why the configuration, or a topic declaration, cannot be used: what is wrong, where it was written, what to do.
///
/// Never retriable: the same input gives the same error. Values of secret settings are in no message.
package struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of error; open, so that a reader keeps a default branch.
    package struct Code: RawRepresentable, Hashable, Sendable {
        package let rawValue: String

        package init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// A file cannot be opened or read, or is larger than such a file can be.
        package static let unreadableFile = Code(rawValue: "unreadable_file")
        /// A file is not YAML, or YAML of a kind that is not accepted here (several documents, tags, endless aliases).
        package static let syntax = Code(rawValue: "syntax")
        /// A key is written twice in one mapping, or a topic is declared twice.
        package static let duplicateKey = Code(rawValue: "duplicate_key")
        /// There is no such key.
        package static let unknownKey = Code(rawValue: "unknown_key")
        /// The value is of another type than the key's.
        package static let wrongType = Code(rawValue: "wrong_type")
        /// The value is of the right type and outside of what is allowed.
        package static let outOfRange = Code(rawValue: "out_of_range")
        /// The value cannot be combined with another one.
        package static let conflict = Code(rawValue: "conflict")
        /// Something needed is not given.
        package static let missingValue = Code(rawValue: "missing_value")
        /// A secret was written where others can read it.
        package static let exposedSecret = Code(rawValue: "exposed_secret")
    }

    /// The kind of error.
    package let code: Code
    /// Where the value was written, if it was written anywhere.
    package let origin: ValueOrigin?
    /// What is wrong, in one sentence without its full stop.
    package let problem: String
    /// What the user can do about it.
    package let advice: String

    /// Makes an error from its parts.
    package init(_ code: Code, _ problem: String, at origin: ValueOrigin?, advice: String) {
        self.code = code
        self.origin = origin
        self.problem = problem
        self.advice = advice
    }

    /// `what; where; what to do`.
    package var description: String {
        var parts = [problem]
        if let origin { parts.append(origin.description) }
        if !advice.isEmpty { parts.append(advice) }
        return parts.joined(separator: "; ")
    }
}
