/// Reads the settings: defaults, then a YAML file, then environment variables, then `--set`; each goes before the last.
///
/// In a file, a key without a value (nothing, `~`, `null`) keeps its default. An environment variable that is empty
/// counts as not set. `--set KEY=` takes an optional value away.
package struct SettingsLoader: Sendable {
    /// The environment variable that holds the API's key.
    package static let keyVariable = "RETAILFLOW_API_KEY"
    /// How large a configuration file may be.
    static let fileBytesMax = 1 << 20

    private var settings = Settings()

    /// Makes a loader.
    package init() {}

    /// All settings.
    ///
    /// - Parameters:
    ///   - file: the path of a YAML file; nil for none.
    ///   - environment: all variables; those that do not begin with `RETAILFLOW_` are ignored.
    ///   - overrides: `section.key=value`, as given to `--set`.
    /// - Throws: ``ConfigurationError`` for a file that cannot be read, an unknown key, a wrong value, or a secret in
    ///   a place where others can read it.
    package func load(
        file: String?, environment: [String: String], overrides: [String]
    ) throws(ConfigurationError) -> Settings {
        var loader = self
        if let file {
            let bytes = try FileReader.read(file, bytesMax: Self.fileBytesMax, purpose: "configuration file")
            try loader.readFile(bytes, file: file)
        }
        try loader.readEnvironment(environment)
        for override in overrides { try loader.readOverride(override) }
        try loader.checkTogether()
        return loader.settings
    }

    /// The settings of a YAML text alone; for what is not a file.
    ///
    /// - Throws: as ``load(file:environment:overrides:)``.
    package func load(yaml: String, name: String) throws(ConfigurationError) -> Settings {
        var loader = self
        try loader.readFile(Array(yaml.utf8), file: name)
        try loader.checkTogether()
        return loader.settings
    }

    // MARK: Layers

    private mutating func readFile(_ bytes: [UInt8], file: String) throws(ConfigurationError) {
        guard let root = try YAMLReader.read(bytes, file: file), !root.isNull else { return }
        guard case .mapping(let sections) = root.content else {
            throw ConfigurationError(
                .wrongType, "the configuration is \(root.kind), expected sections such as api: and kafka:",
                at: .file(file, line: root.line), advice: "begin with a section, and indent its keys beneath it")
        }
        for section in sections {
            guard KeyNames.sections.contains(section.key) else {
                throw KeyNames.unknown(section.key, at: .file(file, line: section.line), isInFile: true)
            }
            try readSection(section, file: file)
        }
    }

    private mutating func readSection(_ section: YAMLNode.Entry, file: String) throws(ConfigurationError) {
        if section.value.isNull { return }
        guard case .mapping(let entries) = section.value.content else {
            throw ConfigurationError(
                .wrongType, "\(section.key) is \(section.value.kind), expected keys beneath it",
                at: .file(file, line: section.line), advice: "indent the section's keys beneath its name")
        }
        for entry in entries {
            let name = "\(section.key).\(entry.key)"
            if name == KeyNames.properties {
                try readProperties(entry, file: file)
            } else {
                try readEntry(entry, name: name, file: file)
            }
        }
    }

    private mutating func readEntry(
        _ entry: YAMLNode.Entry, name: String, file: String
    ) throws(ConfigurationError) {
        let key = try KeyNames.find(name, at: .file(file, line: entry.line), isInFile: true)
        if entry.value.isNull { return }
        guard case .scalar(let text, let isPlain) = entry.value.content else {
            throw ConfigurationError(
                .wrongType, "\(name) is \(entry.value.kind), expected \(key.type)",
                at: .file(file, line: entry.value.line), advice: "write a single value")
        }
        try set(key, SettingInput(text: text, isPlain: isPlain), at: .file(file, line: entry.value.line))
    }

    private mutating func readProperties(_ entry: YAMLNode.Entry, file: String) throws(ConfigurationError) {
        if entry.value.isNull { return }
        guard case .mapping(let properties) = entry.value.content else {
            throw ConfigurationError(
                .wrongType, "\(KeyNames.properties) is \(entry.value.kind), expected librdkafka properties beneath it",
                at: .file(file, line: entry.line), advice: "indent name: value beneath it")
        }
        for property in properties {
            let origin = ValueOrigin.file(file, line: property.line)
            guard case .scalar(let text, _) = property.value.content else {
                throw ConfigurationError(
                    .wrongType, "\(KeyNames.properties).\(Shown.text(property.key)) is \(property.value.kind)",
                    at: origin, advice: "write the property's whole name with its dots, and a single value")
            }
            try setProperty(property.key, to: text, at: origin)
        }
    }

    private mutating func readEnvironment(_ environment: [String: String]) throws(ConfigurationError) {
        // In the order of their names, so that of several errors always the same one is told.
        for (variable, text) in environment.sorted(by: { $0.key < $1.key }) {
            guard variable.hasPrefix(KeyNames.variablePrefix), variable != KeyNames.faultVariable,
                !KeyNames.isServiceLink(variable), !text.isEmpty
            else {
                continue
            }
            let origin = ValueOrigin.variable(variable)
            if variable == Self.keyVariable {
                settings.api.key = Secret(text)
            } else if let key = KeyNames.byVariable[variable] {
                try set(key, SettingInput(text: text, isPlain: true), at: origin)
            } else if let property = KeyNames.property(ofVariable: variable) {
                try setProperty(property, to: text, at: origin)
            } else {
                throw KeyNames.unknownVariable(variable)
            }
        }
    }

    private mutating func readOverride(_ override: String) throws(ConfigurationError) {
        let parts = override.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0])
        let origin = ValueOrigin.option(Shown.text(name))
        guard parts.count == 2 else {
            throw ConfigurationError(
                .missingValue, "no value is given", at: origin, advice: "write --set section.key=value")
        }
        let text = String(parts[1])
        if name.hasPrefix(KeyNames.properties + ".") {
            let property = String(name.dropFirst(KeyNames.properties.count + 1))
            if KafkaProperties.isSecret(property) { throw KeyNames.exposed(name, at: origin) }
            return try setProperty(property, to: text, at: origin)
        }
        let key = try KeyNames.find(name, at: origin, isInFile: false)
        try set(key, text.isEmpty ? nil : SettingInput(text: text, isPlain: true), at: origin)
        if key.name == "warehouse.url", settings.warehouse.url.holdsPassword {
            throw KeyNames.exposed(name, at: origin)
        }
    }

    // MARK: Values

    private mutating func set(
        _ key: SettingKey, _ input: SettingInput?, at origin: ValueOrigin
    ) throws(ConfigurationError) {
        let code: ConfigurationError.Code
        switch key.set(input, in: &settings) {
        case .done: return
        case .wrongType: code = .wrongType
        case .outOfRange: code = .outOfRange
        case .needsValue:
            throw ConfigurationError(
                .missingValue, "\(key.name) needs a value", at: origin, advice: "write \(key.type)")
        }
        var problem = key.name
        if let input, !key.isSensitive {
            let shown = Shown.text(input.text)
            problem += input.isPlain ? " is \(shown.isEmpty ? "empty" : shown)" : " is the text \"\(shown)\""
        } else {
            problem += " has a value that cannot be used"
        }
        throw ConfigurationError(code, problem, at: origin, advice: "expected \(key.type)")
    }

    private mutating func setProperty(
        _ name: String, to text: String, at origin: ValueOrigin
    ) throws(ConfigurationError) {
        let isName =
            !name.isEmpty
            && name.utf8.allSatisfy { byte in
                (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2E || byte == 0x5F
            }
        guard isName else {
            throw ConfigurationError(
                .unknownKey, "\"\(Shown.text(name))\" is not the name of a librdkafka property", at: origin,
                advice: "names are of small letters, digits and dots, such as security.protocol")
        }
        if let objection = KafkaProperties.objection(to: name) {
            throw ConfigurationError(
                .conflict, "\(KeyNames.properties).\(name) cannot be set", at: origin, advice: objection)
        }
        settings.kafka.properties.set(name, to: text)
    }

    private func checkTogether() throws(ConfigurationError) {
        guard settings.kafka.salesTopic != settings.kafka.stateTopic else {
            throw ConfigurationError(
                .conflict, "kafka.sales_topic and kafka.state_topic are both \(settings.kafka.salesTopic)", at: nil,
                advice: "give the cursor a topic of its own")
        }
    }
}
