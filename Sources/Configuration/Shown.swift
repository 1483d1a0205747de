/// How a value that a user wrote is shown in a message: short, on one line, without control characters.
enum Shown {
    /// How many characters of a value a message shows.
    static let charactersMax = 60

    /// The text with control characters escaped, cut when long.
    static func text(_ text: String) -> String {
        var shown = ""
        var count = 0
        for scalar in text.unicodeScalars {
            if count == charactersMax { return shown + "…" }
            count += 1
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
                shown += scalar.escaped(asASCII: true)
            default:
                shown.unicodeScalars.append(scalar)
            }
        }
        return shown
    }
}
