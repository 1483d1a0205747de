/// The text of `config/retailflow.yaml`: every key with what it means, its type, its default.
package enum SettingsReference {
    /// The whole file. Reading it back gives the defaults.
    package static var text: String {
        var lines = header
        var section = ""
        for key in SettingKey.all {
            if key.section != section {
                if section == "kafka" { lines += properties }
                section = key.section
                lines += ["", "\(section):"]
            }
            lines += comment(key.help)
            lines += comment("Type: \(key.type).")
            lines.append("  \(key.shortName):\(key.defaultText.map { " " + scalar($0) } ?? "")")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static let header = [
        "# RetailFlow: every setting with its default. A key without a value is not set.",
        "#",
        "# Each can also be given as an environment variable, RETAILFLOW_SECTION_KEY (RETAILFLOW_API_BASE_URL), which",
        "# goes before this file, and as --set section.key=value, which goes before both.",
        "#",
        "# Secrets are not written here: the API's key is in the file that api.key_file names or in RETAILFLOW_API_KEY,",
        "# a database URL with a password in RETAILFLOW_WAREHOUSE_URL.",
    ]

    private static let properties = [
        "  # Any librdkafka property by its own name, such as security.protocol: SASL_SSL. As an environment variable:",
        "  # RETAILFLOW_KAFKA_PROPERTIES_SECURITY_PROTOCOL (capitals, _ for a dot, __ for an underscore); passwords are",
        "  # best given so, and not at all by --set. What the pipeline's promises rest on cannot be set.",
        "  properties: {}",
    ]

    /// A comment of lines that fit a page.
    private static func comment(_ text: String) -> [String] {
        var lines: [String] = []
        var line = "  #"
        for word in text.split(separator: " ") {
            if line.count + 1 + word.count > 114 {
                lines.append(line)
                line = "  #"
            }
            line += " " + word
        }
        return lines + [line]
    }

    /// A value as YAML: quoted where a plain scalar would be read as something else.
    private static func scalar(_ text: String) -> String {
        let needsQuotes = text.contains(": ") || text.contains(" #") || text.hasPrefix("*") || text.hasPrefix("[")
        return needsQuotes ? "\"\(text)\"" : text
    }
}
