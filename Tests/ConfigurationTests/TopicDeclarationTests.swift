import Configuration
import Testing

@Suite("Topic declarations")
struct TopicDeclarationTests {
    private let loader = TopicDeclarationLoader()
    private let base = """
        name: t
        partitions: 2
        cleanup_policy: delete
        value_schema: {format: json, version: 1}

        """

    private func refusal(_ yaml: String) throws -> ConfigurationError {
        try #require(throws: ConfigurationError.self) { try loader.load(yaml: yaml, name: "t.yaml") }
    }

    @Test("The shipped declarations are those the default settings name")
    func shipped() throws {
        let all = try loader.load(directory: "\(packageDirectory)/topics")
        #expect(all.map(\.name) == ["retail.extract.state.v1", "retail.sales.v1"])
        try TopicDeclaration.checkAgreement(of: all, with: Settings().kafka)
        let sales = all[1]
        #expect(sales.partitions == 4)
        #expect(sales.replicationFactor == nil)
        #expect(sales.retention == .milliseconds(2_592_000_000))
        #expect(sales.allConfigs["cleanup.policy"] == "delete")
        #expect(sales.allConfigs["retention.ms"] == "2592000000")
        #expect(sales.valueSchema.fields.map(\.name).contains("items[].product_sku"))
        let state = all[0]
        #expect(state.partitions == 1)
        #expect(state.cleanupPolicy == .compact)
        #expect(state.allConfigs["retention.ms"] == nil)
    }

    @Test("Everything a declaration can say is read")
    func full() throws {
        let topic = try loader.load(
            yaml: base + """
                replication_factor: 3
                retention: unlimited
                configs:
                  min.insync.replicas: 2
                """, name: "t.yaml")
        #expect(topic.replicationFactor == 3)
        #expect(
            topic.allConfigs == ["min.insync.replicas": "2", "retention.ms": "-1", "cleanup.policy": "delete"])
    }

    @Test(
        "What is wrong is told with its line",
        arguments: [
            ("partitons: 3\n", 5, "did you mean partitions?"),
            ("replication_factor: many\n", 5, "an integer from 1"),
            ("replication_factor: 0\n", 5, "an integer from 1"),
            ("retention: 30\n", 5, "30d"),
            ("retention: 0d\n", 5, "30d"),
            ("retention: 99999999999999d\n", 5, "30d"),
            ("configs: 3\n", 5, "name: value"),
            ("configs:\n  retention.ms: 3\n", 6, "use retention"),
            ("configs:\n  a:\n    b: 1\n", 6, "with its dots"),
            ("name: u\n", 5, "remove one"),
        ])
    func wrong(addition: String, line: Int, advice: String) throws {
        let error = try refusal(base + addition)
        #expect(error.origin == .file("t.yaml", line: line), "\(error)")
        #expect(error.advice.contains(advice), "\(error)")
    }

    @Test(
        "What is missing is told",
        arguments: ["name", "partitions", "cleanup_policy", "value_schema"])
    func missing(key: String) throws {
        let yaml = base.split(separator: "\n").filter { !$0.hasPrefix(key) }.joined(separator: "\n")
        let error = try refusal(yaml)
        #expect(error.code == .missingValue)
        #expect(error.problem.contains("lacks \(key)"))
    }

    @Test("A compacted topic with a retention, a schema with wrong fields and an empty file are refused")
    func inconsistent() throws {
        let compact = base.replacing("delete", with: "compact")
        #expect(try refusal(compact + "retention: 1d\n").code == .conflict)
        #expect(try refusal("").code == .missingValue)
        let schema = base.replacing("version: 1", with: "version: 1, fields: [{name: a}]")
        #expect(try refusal(schema).problem.contains("lacks type"))
    }

    @Test("One topic in two files is refused, naming both")
    func twice() throws {
        let folder = try Folder()
        _ = try folder.write(base, to: "a.yaml")
        _ = try folder.write(base, to: "b.yaml")
        _ = try folder.write("not a topic", to: "notes.txt")
        let error = try #require(throws: ConfigurationError.self) { try loader.load(directory: folder.path) }
        #expect(error.description.contains("a.yaml") && error.description.contains("b.yaml"))
    }

    @Test("A directory that is missing or declares nothing is refused")
    func directories() throws {
        let folder = try Folder()
        for path in [folder.path, "/nowhere"] {
            #expect(throws: ConfigurationError.self) { try loader.load(directory: path) }
        }
    }

    @Test("The settings' topics must be declared, the sales kept and the cursor compacted")
    func agreement() throws {
        let all = try loader.load(directory: "\(packageDirectory)/topics")
        func check(_ overrides: String..., of topics: [TopicDeclaration]) throws {
            let kafka = try settings(set: overrides).kafka
            try TopicDeclaration.checkAgreement(of: topics, with: kafka)
        }
        let undeclared = try #require(throws: ConfigurationError.self) {
            try check("kafka.sales_topic=retail.sale.v1", of: all)
        }
        #expect(undeclared.advice == "did you mean retail.sales.v1?")
        var forgetful = all
        forgetful[0].cleanupPolicy = .delete
        #expect(throws: ConfigurationError.self) { try check(of: forgetful) }
        var lossy = all
        lossy[1].cleanupPolicy = .compactAndDelete
        #expect(throws: ConfigurationError.self) { try check(of: lossy) }
    }
}
