/// What a record's value looks like, as a topic's declaration tells it to readers of the topic.
package struct ValueSchema: Hashable, Sendable {
    /// One field of the value.
    package struct Field: Hashable, Sendable {
        /// The field's name; a path with dots and `[]` within objects and lists.
        package var name: String
        /// Its type in words.
        package var type: String
        /// Whether it may be missing or null.
        package var isOptional: Bool
        /// What it means; may be empty.
        package var meaning: String
    }

    /// The encoding, such as `json`.
    package var format: String
    /// Raised by each change that readers must know; records carry it in the header `schema-version`.
    package var version: Int
    /// What a record is; may be empty.
    package var meaning: String
    /// The fields; may be empty.
    package var fields: [Field]
}
