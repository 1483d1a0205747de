/// Keys by the names that users write, and the errors for what is none.
enum KeyNames {
    static let properties = "kafka.properties"
    static let variablePrefix = "RETAILFLOW_"
    /// Names what is to break in a fault experiment; no setting of the pipeline.
    static let faultVariable = "RETAILFLOW_FAULT"
    private static let propertyPrefix = "RETAILFLOW_KAFKA_PROPERTIES_"

    static let byName = Dictionary(uniqueKeysWithValues: SettingKey.all.map { ($0.name, $0) })
    static let byVariable = Dictionary(uniqueKeysWithValues: SettingKey.all.map { ($0.variable, $0) })
    static let sections = Set(SettingKey.all.map(\.section))

    /// The key of that name.
    static func find(_ name: String, at origin: ValueOrigin, isInFile: Bool) throws(ConfigurationError) -> SettingKey {
        if let key = byName[name] { return key }
        if name == "api.key" { throw exposed(name, at: origin) }
        throw unknown(name, at: origin, isInFile: isInFile)
    }

    /// The librdkafka property that a variable sets: after `RETAILFLOW_KAFKA_PROPERTIES_` in small letters, `_` read
    /// as a dot and `__` as an underscore.
    static func property(ofVariable variable: String) -> String? {
        guard variable.hasPrefix(propertyPrefix), variable.count > propertyPrefix.count else { return nil }
        return variable.dropFirst(propertyPrefix.count).lowercased()
            .split(separator: "__", omittingEmptySubsequences: false)
            .map { $0.split(separator: "_", omittingEmptySubsequences: false).joined(separator: ".") }
            .joined(separator: "_")
    }

    /// Whether Kubernetes or Docker made the variable for a service of this name: `RETAILFLOW_SERVICE_HOST`,
    /// `RETAILFLOW_PORT_9464_TCP_ADDR`, `RETAILFLOW_API_SERVICE_PORT_HTTP` and the like. They are nobody's settings.
    static func isServiceLink(_ variable: String) -> Bool {
        guard byVariable[variable] == nil, !variable.hasPrefix(propertyPrefix) else { return false }
        let words = variable.split(separator: "_", omittingEmptySubsequences: false)
        guard let last = words.last else { return false }
        if words.count >= 3, words[words.count - 2] == "SERVICE", last == "HOST" || last == "PORT" { return true }
        if variable.contains("_SERVICE_PORT_") || last == "PORT" { return true }
        guard let port = words.lastIndex(of: "PORT"), words.count >= 4 else { return false }
        // …_PORT_9464_TCP, …_PORT_9464_TCP_ADDR; in …_PORT_9464_TCP_PORT the first PORT is the one.
        let start = last == "PORT" ? words.firstIndex(of: "PORT") ?? port : port
        let rest = words[(start + 1)...]
        return rest.count >= 2 && rest.first.map { Int($0) != nil } ?? false
            && ["TCP", "UDP", "SCTP"].contains(rest[rest.startIndex + 1])
    }

    // MARK: Errors

    static func unknown(_ name: String, at origin: ValueOrigin, isInFile: Bool) -> ConfigurationError {
        ConfigurationError(
            .unknownKey, "\"\(Shown.text(name))\" is not a configuration key", at: origin,
            advice: hint(for: name, isInFile: isInFile))
    }

    static func unknownVariable(_ variable: String) -> ConfigurationError {
        let candidates = Array(byVariable.keys).sorted() + [SettingsLoader.keyVariable]
        let advice =
            NearestWord.find(variable, in: candidates).map { "did you mean \($0)?" }
            ?? "variables are named RETAILFLOW_SECTION_KEY after the keys of config/retailflow.yaml"
        return ConfigurationError(
            .unknownKey, "there is no such setting", at: .variable(Shown.text(variable)), advice: advice)
    }

    /// A secret on the command line, which every user of the machine can list, or in a file that is passed around.
    static func exposed(_ name: String, at origin: ValueOrigin) -> ConfigurationError {
        switch name {
        case "api.key":
            ConfigurationError(
                .exposedSecret,
                "the API's key cannot be given in a configuration file or on the command line, "
                    + "where others can read it", at: origin,
                advice: "put it into a file and name that in api.key_file, or set RETAILFLOW_API_KEY")
        case "warehouse.url":
            ConfigurationError(
                .exposedSecret, "a password on the command line can be read by every user of this machine",
                at: origin, advice: "set RETAILFLOW_WAREHOUSE_URL instead")
        default:
            ConfigurationError(
                .exposedSecret, "a secret on the command line can be read by every user of this machine", at: origin,
                advice: "write it into the configuration file, or set its RETAILFLOW_KAFKA_PROPERTIES_… variable")
        }
    }

    private static func hint(for name: String, isInFile: Bool) -> String {
        let parts = name.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        if isInFile, byName[name] != nil, parts.count == 2 {
            return "write \(parts[1]) indented beneath \(parts[0]):"
        }
        if parts.count == 1 {
            if let section = NearestWord.find(name, in: sections.sorted()) { return "did you mean \(section)?" }
            let homonyms = SettingKey.all.filter { $0.shortName == name }
            if homonyms.count == 1 { return "did you mean \(homonyms[0].name)?" }
            return "the sections are \(sections.sorted().joined(separator: ", "))"
        }
        let homonyms = SettingKey.all.filter { $0.shortName == parts[1] }
        if homonyms.count == 1 { return "did you mean \(homonyms[0].name)?" }
        if let key = NearestWord.find(name, in: SettingKey.all.map(\.name) + [properties]) {
            return "did you mean \(key)?"
        }
        let known = SettingKey.all.filter { $0.section == parts[0] }.map(\.shortName)
        return known.isEmpty
            ? "the sections are \(sections.sorted().joined(separator: ", "))"
            : "the keys of \(parts[0]) are \(known.joined(separator: ", "))"
    }
}
