import Configuration
import Foundation
import Synchronization
import Telemetry
@testable import retailflow

/// One run of the program within the test's process.
struct Program: Sendable {
    let code: ExitCode
    let output: String
    let errors: String

    /// The lines on standard error that are not log lines: what a failure says.
    var words: [Substring] { errors.split(separator: "\n").filter { $0.hasPrefix("retailflow: ") } }

    /// The result of `--json`.
    var json: [String: Any] {
        get throws { try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any] ?? [:] }
    }

    /// - Parameter onError: sees what is written to standard error as it comes.
    static func run(
        _ arguments: [String], environment: [String: String] = [:],
        onError: @escaping @Sendable (String) -> Void = { _ in }
    ) async -> Program {
        let output = Texts()
        let errors = Texts()
        let application = Application(
            arguments: arguments, environment: environment,
            output: OutputWriter { (text) throws(OutputError) in output.append(text) },
            errorStream: StatusStream { text in
                errors.append(text)
                onError(text)
            })
        let code = await application.run()
        return Program(code: code, output: output.text, errors: errors.text)
    }
}

/// Text that comes in pieces from any thread.
final class Texts: Sendable {
    private let all = Mutex("")

    var text: String { all.withLock { $0 } }

    func append(_ text: String) { all.withLock { $0 += text } }
}

/// A directory that is there as long as its owner.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "commands-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ name: String, _ text: String) throws {
        try text.write(toFile: "\(path)/\(name)", atomically: true, encoding: .utf8)
    }
}
