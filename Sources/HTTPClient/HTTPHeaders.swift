/// The header fields of an answer, in the order they came; names compare without regard to case.
package struct HTTPHeaders: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    /// One field as it came.
    package struct Field: Sendable, Hashable {
        /// The name, spelled as it came.
        package var name: String
        /// The value without the blanks around it.
        package var value: String

        /// Makes a field from a name and a value.
        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// All fields in order; a name may come several times.
    package private(set) var fields: [Field] = []

    /// No fields.
    package init() {}

    /// Fields in the order written.
    package init(dictionaryLiteral elements: (String, String)...) {
        fields = elements.map { Field(name: $0.0, value: $0.1) }
    }

    /// The first value under this name, whatever its case; nil if there is none.
    package subscript(name: String) -> String? {
        let wanted = name.lowercased()
        return fields.first { $0.name.lowercased() == wanted }?.value
    }

    /// Adds a field after the others.
    package mutating func append(name: String, value: String) {
        fields.append(Field(name: name, value: value))
    }

    /// Forgets all fields.
    mutating func removeAll() {
        fields.removeAll(keepingCapacity: true)
    }
}
