internal import Foundation

/// Reads topic declarations from `topics/*.yaml`, one topic a file.
package struct TopicDeclarationLoader: Sendable {
    /// Makes a loader.
    package init() {}

    /// All declarations of a directory, in the order of the topics' names.
    ///
    /// - Throws: ``ConfigurationError``: the directory cannot be read or declares nothing, a file is wrong, or two
    ///   files declare one topic.
    package func load(directory: String) throws(ConfigurationError) -> [TopicDeclaration] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: directory)
        } catch {
            throw ConfigurationError(
                .unreadableFile, "the directory of topic declarations cannot be read", at: .file(directory, line: nil),
                advice: "check the path; it holds one YAML file a topic")
        }
        var declarations: [String: TopicDeclaration] = [:]
        for name in names.sorted() where name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
            let declaration = try load(file: directory.hasSuffix("/") ? directory + name : "\(directory)/\(name)")
            if let other = declarations[declaration.name] {
                throw ConfigurationError(
                    .duplicateKey, "the topic \(declaration.name) is declared twice, also in \(other.file)",
                    at: .file(declaration.file, line: nil), advice: "remove one of the two files")
            }
            declarations[declaration.name] = declaration
        }
        guard !declarations.isEmpty else {
            throw ConfigurationError(
                .missingValue, "the directory declares no topic", at: .file(directory, line: nil),
                advice: "it holds one YAML file a topic")
        }
        return declarations.values.sorted { $0.name < $1.name }
    }

    /// The declaration in a file.
    ///
    /// - Throws: ``ConfigurationError`` with the line of what is wrong.
    package func load(file: String) throws(ConfigurationError) -> TopicDeclaration {
        let bytes = try FileReader.read(file, bytesMax: 1 << 20, purpose: "topic declaration")
        return try load(bytes: bytes, file: file)
    }

    /// The declaration in a YAML text; `name` stands for the file in messages.
    ///
    /// - Throws: as ``load(file:)``.
    package func load(yaml: String, name: String) throws(ConfigurationError) -> TopicDeclaration {
        try load(bytes: Array(yaml.utf8), file: name)
    }

    private func load(bytes: [UInt8], file: String) throws(ConfigurationError) -> TopicDeclaration {
        guard let root = try YAMLReader.read(bytes, file: file) else {
            throw ConfigurationError(
                .missingValue, "the file declares no topic", at: .file(file, line: nil),
                advice: "write name, partitions, cleanup_policy and value_schema")
        }
        let fields = try YAMLFields(
            root, of: "a topic declaration", file: file,
            known: [
                "name", "partitions", "replication_factor", "retention", "cleanup_policy", "value_schema", "configs",
            ])
        let name = try fields.required("name", "a topic name", Self.topicName)
        let policy = try fields.required("cleanup_policy", "delete, compact, or compact,delete", Self.policy)
        let retention = try fields.optional("retention", "such as 30d, 12h, 90m, or unlimited", Self.retention)
        if retention != nil, policy == .compact {
            throw fields.error(
                .conflict, "a compacted topic has no retention", at: "retention",
                advice: "remove it, or set cleanup_policy: compact,delete")
        }
        return TopicDeclaration(
            name: name,
            partitions: try fields.required("partitions", "an integer from 1 to 10000", Self.integer(1...10_000)),
            replicationFactor: try fields.optional(
                "replication_factor", "an integer from 1 to 32767", Self.integer(1...32_767)),
            retention: retention,
            cleanupPolicy: policy,
            configs: try configs(fields),
            valueSchema: try schema(fields),
            file: file)
    }

    private func configs(_ fields: YAMLFields) throws(ConfigurationError) -> [String: String] {
        var configs: [String: String] = [:]
        for (entry, text) in try fields.texts("configs") {
            let isDeclaredElsewhere = ["retention.ms": "retention", "cleanup.policy": "cleanup_policy"][entry.key]
            if let isDeclaredElsewhere {
                throw fields.error(
                    .conflict, "\(entry.key) has a key of its own here", line: entry.line,
                    advice: "use \(isDeclaredElsewhere)")
            }
            configs[entry.key] = text
        }
        return configs
    }

    private func schema(_ fields: YAMLFields) throws(ConfigurationError) -> ValueSchema {
        let schema = try fields.mapping("value_schema", known: ["format", "version", "meaning", "fields"])
        var list: [ValueSchema.Field] = []
        for node in try schema.list("fields") {
            let field = try YAMLFields(
                node, of: "a field of the schema", file: fields.file, known: ["name", "type", "optional", "meaning"])
            list.append(
                ValueSchema.Field(
                    name: try field.required("name", "a text", Self.text),
                    type: try field.required("type", "a text", Self.text),
                    isOptional: try field.optional("optional", "true or false", Self.boolean) ?? false,
                    meaning: try field.optional("meaning", "a text", Self.text) ?? ""))
        }
        return ValueSchema(
            format: try schema.required("format", "a word such as json", Self.text),
            version: try schema.required("version", "an integer from 1 to 1000000", Self.integer(1...1_000_000)),
            meaning: try schema.optional("meaning", "a text", Self.text) ?? "",
            fields: list)
    }

    // MARK: Values

    private static func text(_ text: String, _ isPlain: Bool) -> String? {
        text.isEmpty ? nil : text
    }

    private static func boolean(_ text: String, _ isPlain: Bool) -> Bool? {
        isPlain ? Bool(text) : nil
    }

    private static func topicName(_ text: String, _ isPlain: Bool) -> String? {
        TopicName.isValid(text) ? text : nil
    }

    private static func policy(_ text: String, _ isPlain: Bool) -> TopicDeclaration.CleanupPolicy? {
        .init(rawValue: text == "delete,compact" ? "compact,delete" : text)
    }

    private static func integer(_ range: ClosedRange<Int>) -> (String, Bool) -> Int? {
        { text, isPlain in
            guard isPlain, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let value = Int(text) else {
                return nil
            }
            return range.contains(value) ? value : nil
        }
    }

    /// `30d`, `12h`, `90m`, `45s` or `unlimited`.
    private static func retention(_ text: String, _ isPlain: Bool) -> TopicDeclaration.Retention? {
        if text == "unlimited" { return .unlimited }
        let units: [Character: Int64] = ["d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1_000]
        guard let unit = text.last.flatMap({ units[$0] }),
            text.dropLast().utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let count = Int64(text.dropLast()), count > 0
        else { return nil }
        let (milliseconds, overflows) = count.multipliedReportingOverflow(by: unit)
        return overflows ? nil : .milliseconds(milliseconds)
    }
}
