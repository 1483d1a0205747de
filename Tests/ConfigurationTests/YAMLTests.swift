import Testing

@testable import Configuration

@Suite("YAML traps")
struct YAMLTests {
    @Test(
        "What is empty has no settings, and is no error",
        arguments: [
            "", "\n", "# only a comment\n", "---\n", "---\n...\n", "~\n", "null\n", "api:\n", "api: ~\nkafka:\n",
        ])
    func empty(yaml: String) throws {
        #expect(try SettingsLoader().load(yaml: yaml, name: "c.yaml") == Settings())
    }

    @Test(
        "What libyaml lets pass or reads in a surprising way is refused with its line",
        arguments: [
            ("api:\n  retries: 1\n  page_size: 2\n  retries: 3\n", 4, "written twice, first on line 2"),
            ("api:\n  retries: 1\napi:\n  page_size: 2\n", 3, "written twice, first on line 1"),
            ("a: &x [*x]\n", 1, "nest more than"),
            ("a: &x {b: *x}\n", 1, "nest more than"),
            ("api: {}\n---\nkafka: {}\n", 3, "second YAML document"),
            ("api:\n\tretries: 1\n", 2, "not valid YAML"),
            ("api:\n  retries: 1\n page_size: 2\n", 3, "not valid YAML"),
            ("api: {retries: 1\n", 2, "not valid YAML"),
            ("api:\n  retries: !!int 1\n", 2, "tag"),
            ("api:\n  retries: !secret 1\n", 2, "tag"),
            ("? [a, b]\n: 1\n", 1, "a key is a list"),
            ("- api\n", 1, "the configuration is a list"),
            ("api\n", 1, "the configuration is a single value"),
            ("api:\n  - retries\n", 1, "api is a list"),
            ("api:\n  retries: *nothing\n", 2, "undefined alias"),
            ("api:\n  retries: 1\n  key_header: \u{1}\n", 3, "control characters"),
        ])
    func traps(yaml: String, line: Int, problem: String) throws {
        let error = try refusal(yaml: yaml)
        #expect(error.problem.contains(problem), "\(error)")
        #expect(error.origin == .file("c.yaml", line: line), "\(error)")
    }

    @Test("Aliases that multiply each other are stopped")
    func bomb() throws {
        var yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1..<20 {
            let item = "*a\(level - 1)"
            yaml += "a\(level): &a\(level) [\(Array(repeating: item, count: 10).joined(separator: ", "))]\n"
        }
        #expect(try refusal(yaml: yaml).problem.contains("more than 10000 values"))
    }

    @Test("Nesting beyond any sense is stopped, not followed")
    func deep() throws {
        let yaml = String(repeating: "[", count: 2_000)
        #expect(try refusal(yaml: yaml).code == .syntax)
    }

    @Test("Bytes that are not UTF-8 are an error with their line")
    func invalidUTF8() throws {
        let bytes = Array("api:\n  retries: 1\n  key_header: ".utf8) + [0xFF, 0xFE, 0x0A]
        let error = try #require(throws: ConfigurationError.self) { try YAMLReader.read(bytes, file: "c.yaml") }
        #expect(error.origin == .file("c.yaml", line: 3))
    }

    @Test("An alias gives its anchor's value, and words such as yes stay text")
    func values() throws {
        let settings = try SettingsLoader().load(
            yaml: "kafka:\n  group: &g \"no\"\ningest:\n  instance_id: *g\n", name: "c.yaml")
        #expect(settings.kafka.group == "no")
        #expect(settings.ingest.instanceID == "no")
    }

    @Test("A byte order mark and Windows line ends do no harm")
    func windows() throws {
        let settings = try SettingsLoader().load(yaml: "\u{FEFF}api:\r\n  retries: 7\r\n", name: "c.yaml")
        #expect(settings.api.retries == 7)
    }
}
