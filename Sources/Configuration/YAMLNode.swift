/// A value of a YAML document, with the line it stands on.
struct YAMLNode {
    /// One `key: value` of a mapping.
    struct Entry {
        let key: String
        let line: Int
        let value: YAMLNode
    }

    /// What a node holds.
    enum Content {
        /// A scalar as text. `isPlain` tells `5` from `"5"`: YAML gives types only to what is not quoted.
        case scalar(String, isPlain: Bool)
        case sequence([YAMLNode])
        case mapping([Entry])
    }

    let content: Content
    /// Counted from 1.
    let line: Int

    /// Whether the node is YAML's null: nothing at all, `~` or `null`.
    var isNull: Bool {
        guard case .scalar(let text, isPlain: true) = content else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }

    /// What the node is, for messages.
    var kind: String {
        switch content {
        case .scalar: isNull ? "nothing" : "a single value"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }
}
