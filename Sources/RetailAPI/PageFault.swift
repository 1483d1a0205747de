/// What is wrong with a body as a whole. What is wrong inside one row is not its affair.
package struct PageFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// How wrong it is.
    package enum Kind: Sendable, Hashable {
        /// Neither an array nor an object: HTML, plain text, nothing.
        case notJSON
        /// A JSON object without an array under `data` or `items`.
        case noArray
        /// JSON that is cut off or unbalanced, or with something besides commas between the rows.
        case broken
    }

    /// How wrong it is.
    package let kind: Kind
    /// The byte at which it shows, counted from 0.
    package let offset: Int
    /// What was found there.
    package let reason: String

    /// What is wrong and where.
    package var description: String { "\(reason) at byte \(offset)" }
}
