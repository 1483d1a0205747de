/// A text that appears in no log, no error and no dump: only ``revealed`` gives it.
package struct Secret: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The secret itself. Hand it to the library that needs it and keep no copy.
    package let revealed: String

    /// Wraps a secret text.
    package init(_ text: String) {
        revealed = text
    }

    /// Always `<redacted>`.
    package var description: String { "<redacted>" }

    /// Always `<redacted>`.
    package var debugDescription: String { "<redacted>" }

    /// A mirror without children, so that `dump` and test failures show nothing.
    package var customMirror: Mirror { Mirror(self, children: [(label: String?, value: Any)]()) }
}
