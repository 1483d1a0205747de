import Configuration
import Service
import Telemetry

/// What a command is given to work with.
struct CommandContext: Sendable {
    /// The configuration, `--set` and the environment included.
    var settings: Settings
    /// Writes to standard error.
    let logger: Logger
    /// Takes the result.
    let output: OutputWriter
    /// Where progress is drawn; nil when standard error is no terminal.
    let statusStream: StatusStream?
    /// Whether standard output is a terminal.
    let isTerminal: Bool
    /// Whether the result is to be one JSON object.
    let isJSON: Bool
    /// Where the work of a long-running process is counted; nil elsewhere.
    var metrics: PipelineMetrics?

    /// A progress line, silent where there is no terminal. End it with `finish()`.
    func progress(_ label: String, total: Int64? = nil) -> Progress {
        Progress(label, total: total, on: statusStream)
    }

    /// Writes the result: the JSON value if `--json` was given, else the text, which gets a newline if it has none.
    ///
    /// - Throws: ``OutputError`` if standard output is closed or full.
    func write(json: @autoclosure () -> JSONValue, text: @autoclosure () -> String) throws(OutputError) {
        if isJSON {
            try output.write(json().text + "\n")
        } else {
            let text = text()
            try output.write(text.hasSuffix("\n") || text.isEmpty ? text : text + "\n")
        }
    }
}
