import Foundation
import Testing

@testable import Configuration

/// A directory of one test's own, removed with it.
final class Folder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("retailflow-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ text: String, to name: String) throws -> String {
        let file = "\(path)/\(name)"
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        return file
    }
}

func settings(
    yaml: String = "", environment: [String: String] = [:], set overrides: [String] = []
) throws -> Settings {
    let folder = try Folder()
    let file = try folder.write(yaml, to: "retailflow.yaml")
    return try SettingsLoader().load(file: file, environment: environment, overrides: overrides)
}

/// The error of a YAML text that cannot be used.
func refusal(yaml: String) throws -> ConfigurationError {
    try #require(throws: ConfigurationError.self) { try SettingsLoader().load(yaml: yaml, name: "c.yaml") }
}

func refusal(environment: [String: String] = [:], set overrides: [String] = []) throws -> ConfigurationError {
    try #require(throws: ConfigurationError.self) {
        try SettingsLoader().load(file: nil, environment: environment, overrides: overrides)
    }
}

/// The directory of the package, for the files that it ships.
let packageDirectory = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
