import Configuration
import Foundation
import Telemetry
import Testing

@testable import retailflow

@Suite("The program")
struct ApplicationTests {
    @Test("--version and help succeed on standard output")
    func success() async {
        #expect(await run("--version") == (.done, "retailflow \(RetailFlow.version)\n", ""))
        #expect(await run("--version", "--json") == (.done, "{\"version\":\"\(RetailFlow.version)\"}\n", ""))
        #expect(await run("help") == (.done, HelpText.overview(), ""))
        #expect(await run("help", "completions").output == HelpText.text(of: CommandTable.completions))
        #expect(await run("completions", "--help").output == HelpText.text(of: CommandTable.completions))
        #expect(await run("completions", "bash").output == Completions.script(for: .bash))
    }

    @Test("A usage error is one line on standard error and exit code 64")
    func usage() async {
        let result = await run("complitions")
        #expect(result.code.rawValue == 64)
        #expect(result.output.isEmpty)
        #expect(result.errors == "retailflow: \"complitions\" is not a command; did you mean completions?\n")
        #expect(await run("a\nb\u{1B}").errors.split(separator: "\n").count == 1)
    }

    @Test("A broken configuration does not keep users from help")
    func helpDespiteConfiguration() async {
        #expect(await run("--config", "/nowhere", "help").code == .done)
        #expect(await run("help", environment: ["RETAILFLOW_NONSENSE": "1"]).code == .done)
    }

    @Test("Each kind of failure has its exit code and its line")
    func failures() {
        let errors = Page()
        let application = Application(
            arguments: [], environment: [:], output: OutputWriter { _ in },
            errorStream: StatusStream { errors.append($0) })
        struct Stranger: Error {}
        #expect(application.report(UsageError("a", advice: "b")).rawValue == 64)
        let configuration = ConfigurationError(.unknownKey, "c", at: .file("d", line: 3), advice: "e")
        #expect(application.report(configuration).rawValue == 78)
        #expect(application.report(OutputError(number: EPIPE)).rawValue == 141)
        #expect(application.report(OutputError(number: ENOSPC)).rawValue == 74)
        #expect(application.report(Stranger()).rawValue == 70)
        #expect(application.report(CancellationError()).rawValue == 75)
        let lines = errors.text.split(separator: "\n")
        #expect(lines.count == 5, "a closed pipe is not spoken of")
        #expect(lines[1] == "retailflow: c; d:3; e")
        #expect(lines.allSatisfy { $0.hasPrefix("retailflow: ") })
    }

    @Test("A full or closed standard output is told")
    func unwritable() async {
        let errors = Page()
        let code = await Application(
            arguments: ["help"], environment: [:],
            output: OutputWriter { (_) throws(OutputError) in throw OutputError(number: ENOSPC) },
            errorStream: StatusStream { errors.append($0) }
        ).run()
        #expect(code == .inputOutput)
        #expect(errors.text.contains("No space left"))
    }

    @Test("A reader that closes the pipe ends the program without a word")
    func closedPipe() throws {
        let pipe = Pipe()
        try pipe.fileHandleForReading.close()
        let errors = Pipe()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = ["help"]
        process.standardOutput = pipe.fileHandleForWriting
        process.standardError = errors
        try process.run()
        #expect(try errors.fileHandleForReading.readToEnd() ?? Data() == Data())
        process.waitUntilExit()
        #expect(process.terminationReason == .exit)
        #expect(process.terminationStatus == 141)
    }

    @Test("As a process it has the exit codes too")
    func process() throws {
        let bash = try #require(path(ofShell: "bash"))
        #expect(try shell(bash, "'\(program)' --version") == (0, "retailflow \(RetailFlow.version)\n"))
        #expect(try shell(bash, "'\(program)' nonsense").code == 64)
        #expect(try shell(bash, "'\(program)' help > /dev/full").code == 74)
    }
}

@Suite("Signals")
struct SignalTests {
    @Test("The first signal cancels the command, which may finish in good order")
    func first() async {
        await #expect(processExitsWith: .exitCode(42)) {
            let watcher = SignalWatcher()
            let code = try await watcher.run { () -> Int32 in
                kill(getpid(), SIGTERM)
                // Ends when the task is cancelled.
                for await _ in AsyncStream<Never>.makeStream().stream {}
                return Task.isCancelled ? 42 : 1
            }
            exit(watcher.received == SIGTERM ? code : 2)
        }
    }

    @Test("The second signal ends the process at once", arguments: [SIGINT, SIGTERM])
    func second(number: Int32) async {
        await #expect(processExitsWith: .exitCode(number == SIGINT ? 130 : 143)) { [number = number as Int32] in
            let watcher = SignalWatcher()
            kill(getpid(), number)
            for await _ in watcher.signals { break }
            kill(getpid(), number)
            for await _ in AsyncStream<Never>.makeStream().stream {}
        }
    }

    @Test("Without a signal the body's value or error comes through")
    func none() async throws {
        await #expect(processExitsWith: .success) {
            struct Failure: Error {}
            let watcher = SignalWatcher()
            let value = try await watcher.run { 7 }
            guard value == 7, watcher.received == nil else { exit(1) }
            do {
                try await watcher.run { throw Failure() }
            } catch is Failure {
                exit(0)
            }
            exit(2)
        }
    }

    @Test("A command that was interrupted ends with 128 and the signal's number")
    func interrupted() async {
        await #expect(processExitsWith: .exitCode(130)) {
            let watcher = SignalWatcher()
            let application = Application(
                arguments: [], environment: [:], output: OutputWriter { _ in }, errorStream: StatusStream { _ in },
                signals: watcher)
            do {
                try await watcher.run {
                    kill(getpid(), SIGINT)
                    for await _ in AsyncStream<Never>.makeStream().stream {}
                    try Task.checkCancellation()
                }
            } catch {
                exit(application.report(error).rawValue)
            }
        }
    }
}
