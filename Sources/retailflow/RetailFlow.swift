import FaultPoints
import Foundation
import Telemetry

/// The program.
@main
struct RetailFlow {
    /// The version, as `--version` tells it.
    static let version = "0.1.0"

    static func main() async {
        // A closed pipe is an error of the write, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        do {
            try FaultPlan.checkEnvironment()
        } catch {
            StandardError.write("retailflow: \(error)\n")
            exit(ExitCode.usage.rawValue)
        }
        let application = Application(
            arguments: Array(CommandLine.arguments.dropFirst()),
            environment: ProcessInfo.processInfo.environment,
            output: .standardOutput,
            errorStream: StatusStream(write: StandardError.write),
            isTerminal: OutputWriter.isTerminal,
            isErrorTerminal: StandardError.isTerminal,
            exists: { FileManager.default.fileExists(atPath: $0) },
            signals: SignalWatcher())
        exit(await application.run().rawValue)
    }
}
