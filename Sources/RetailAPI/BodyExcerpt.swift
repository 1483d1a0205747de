/// The beginning of a body as one line that is safe to print.
enum BodyExcerpt {
    private static let charactersMax = 60

    /// The beginning as text, longer than what is shown, so that a key in it can be taken out whole.
    static func text(of body: [UInt8]) -> String {
        String(decoding: body.prefix(4_096), as: UTF8.self)
    }

    /// At most 60 characters, with runs of blanks, line ends and control characters made one blank.
    static func cleaned(_ text: String) -> String {
        var result = ""
        var count = 0
        var wasBlank = true
        for scalar in text.unicodeScalars {
            let isBlank: Bool
            switch scalar.properties.generalCategory {
            case .control, .format, .spaceSeparator, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
                .unassigned:
                isBlank = true
            default:
                isBlank = false
            }
            if isBlank && wasBlank { continue }
            if count == charactersMax { return result + "…" }
            result.unicodeScalars.append(isBlank ? " " : scalar)
            count += 1
            wasBlank = isBlank
        }
        return result.last == " " ? String(result.dropLast()) : result
    }
}
