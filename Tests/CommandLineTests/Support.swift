import Foundation
import Synchronization
import Telemetry
import Testing

@testable import retailflow

/// Understands words with every command there is, offered or not.
func parse(_ words: String...) throws -> Invocation {
    try ArgumentParser(CommandTable.all).parse(words)
}

func usageError(_ words: String...) throws -> UsageError {
    try #require(throws: UsageError.self) { try ArgumentParser(CommandTable.all).parse(words) }
}

/// Keeps what is written to it.
final class Page: Sendable {
    private let content = Mutex("")

    var text: String { content.withLock { $0 } }

    func append(_ text: String) { content.withLock { $0 += text } }
}

/// Runs the program in this process.
func run(
    _ words: String..., environment: [String: String] = [:]
) async -> (code: ExitCode, output: String, errors: String) {
    let output = Page()
    let errors = Page()
    let code = await Application(
        arguments: words, environment: environment, output: OutputWriter { output.append($0) },
        errorStream: StatusStream { errors.append($0) }
    ).run()
    return (code, output.text, errors.text)
}

/// The program as it was built beside the tests.
let program = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    .appendingPathComponent("retailflow").path

/// What a shell makes of a script.
func shell(_ executable: String, _ script: String) throws -> (code: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = ["-c", script]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
}

/// A shell of this machine; nil if it has none.
func path(ofShell name: String) -> String? {
    ["/bin/\(name)", "/usr/bin/\(name)", "/usr/local/bin/\(name)"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }
}
