import Foundation
import Testing

@testable import Configuration

@Suite("The reference file")
struct ReferenceTests {
    private let path = "\(packageDirectory)/config/retailflow.yaml"

    private func lines() throws -> [String] {
        try String(contentsOfFile: path, encoding: .utf8).components(separatedBy: "\n")
    }

    @Test("config/retailflow.yaml is what the table of keys says")
    func isCurrent() throws {
        let current = try String(contentsOfFile: path, encoding: .utf8)
        if current != SettingsReference.text {
            let expected = FileManager.default.temporaryDirectory.appendingPathComponent("retailflow-reference.yaml")
                .path
            try Data(SettingsReference.text.utf8).write(to: URL(fileURLWithPath: expected))
            Issue.record("config/retailflow.yaml is not current; cp \(expected) \(path)")
        }
    }

    @Test("It lists exactly every key, each with a comment and its default")
    func isComplete() throws {
        let root = try #require(try YAMLReader.read(Array(lines().joined(separator: "\n").utf8), file: path))
        guard case .mapping(let sections) = root.content else {
            Issue.record("not a mapping")
            return
        }
        var found: [String: String] = [:]
        let lines = try lines()
        for section in sections {
            guard case .mapping(let entries) = section.value.content else { continue }
            for entry in entries {
                #expect(lines[entry.line - 2].hasPrefix("  # "), "\(entry.key) has no comment")
                if case .scalar(let text, _) = entry.value.content { found["\(section.key).\(entry.key)"] = text }
            }
        }
        let expected = Dictionary(uniqueKeysWithValues: SettingKey.all.map { ($0.name, $0.defaultText ?? "") })
        #expect(found == expected)
    }

    @Test("Read as a configuration it gives the defaults")
    func isDefault() throws {
        #expect(try SettingsLoader().load(file: path, environment: [:], overrides: []) == Settings())
    }

    @Test("It has every key that the contract names")
    func contract() {
        let keys = Set(SettingKey.all.map(\.name))
        let contract = """
            api.base_url api.key_file api.key_header api.page_size api.timeout_seconds api.retries api.backoff_seconds
            api.time_zone kafka.bootstrap_servers kafka.group kafka.sales_topic kafka.state_topic warehouse.url
            ingest.batch_records ingest.batch_milliseconds ingest.idle_milliseconds ingest.instance_id
            ingest.max_reject_percent ingest.max_consecutive_rejects extract.poll_seconds extract.schedule
            extract.start_sales_id extract.overlap_sales extract.resweep_days extract.resweep_schedule
            extract.archive_directory batch.mart_schedule batch.catalogue_schedule batch.max_shrink_percent
            batch.allow_missing_customer serve.address log.format
            """
        for name in contract.split(whereSeparator: \.isWhitespace) { #expect(keys.contains(String(name))) }
    }

    @Test("No two keys have one variable")
    func variables() {
        #expect(Set(SettingKey.all.map(\.variable)).count == SettingKey.all.count)
        #expect(!SettingKey.all.map(\.variable).contains(SettingsLoader.keyVariable))
    }
}
