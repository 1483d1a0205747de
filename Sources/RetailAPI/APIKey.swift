/// The key to the source API. It does not print itself: not by `description`, not in a dump, not in an error.
package struct APIKey: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The key itself, for the request header and nothing else.
    package let secret: String

    /// Takes the key without the blanks and line ends around it, as a key file has them. Nil if nothing is left or it
    /// holds a character that no header may carry.
    package init?(_ text: String) {
        let isBlank: (UInt8) -> Bool = { $0 == 0x20 || ($0 >= 0x09 && $0 <= 0x0D) }
        let bytes = Array(text.utf8)
        guard let start = bytes.firstIndex(where: { !isBlank($0) }),
            let end = bytes.lastIndex(where: { !isBlank($0) })
        else { return nil }
        let trimmed = bytes[start...end]
        guard trimmed.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { return nil }
        secret = String(decoding: trimmed, as: UTF8.self)
    }

    /// Always the same word, never the key.
    package var description: String { "(API key)" }
    /// Always the same word, never the key.
    package var debugDescription: String { description }
    /// A mirror without children, so that `dump` shows nothing.
    package var customMirror: Mirror { Mirror(self, children: [:]) }

    /// The text with every appearance of the key taken out.
    func removed(from text: String) -> String {
        text.split(separator: secret, omittingEmptySubsequences: false).joined(separator: "…")
    }
}
