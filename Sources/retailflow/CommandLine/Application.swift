import Configuration
import Telemetry

/// One run of the program, from its words to its exit code.
struct Application: Sendable {
    /// The words after the program's name.
    let arguments: [String]
    /// All environment variables.
    let environment: [String: String]
    /// Takes results.
    let output: OutputWriter
    /// Takes log lines, progress and the last word of a failure.
    let errorStream: StatusStream
    /// Whether standard output is a terminal.
    var isTerminal = false
    /// Whether standard error is a terminal.
    var isErrorTerminal = false
    /// Whether a file exists; asked only for the configuration file that nobody named.
    var exists: @Sendable (String) -> Bool = { _ in false }
    /// Cancels the command; nil: nothing does.
    var signals: SignalWatcher?
    /// The time of log lines, in microseconds since 1970.
    var clock: @Sendable () -> Int64 = SystemClock.microseconds

    /// Does what the words ask for. Failures are told on standard error in one line:
    /// `retailflow: what; where; what to do`.
    func run() async -> ExitCode {
        do {
            let invocation = try ArgumentParser().parse(arguments)
            let context = try context(of: invocation)
            let action = invocation.command.action
            guard let signals else { return try await action.run(context) }
            return try await signals.run { try await action.run(context) }
        } catch {
            return report(error)
        }
    }

    private func context(of invocation: Invocation) throws(ConfigurationError) -> CommandContext {
        let settings = try settings(of: invocation)
        let format =
            settings.log.format.map { $0 == .json ? LogFormat.json : .text } ?? (isErrorTerminal ? .text : .json)
        let logger = Logger(
            level: LogLevel(rawValue: settings.log.level.rawValue) ?? .info, format: format, clock: clock,
            sink: { [errorStream] in errorStream.writeLines($0) })
        return CommandContext(
            settings: settings, logger: logger, output: output, statusStream: isErrorTerminal ? errorStream : nil,
            isTerminal: isTerminal, isJSON: invocation.global.isJSON)
    }

    private func settings(of invocation: Invocation) throws(ConfigurationError) -> Settings {
        var settings = Settings()
        let global = invocation.global
        if !invocation.command.ignoresConfiguration {
            let usual = GlobalOptions.defaultConfigurationFile
            settings = try SettingsLoader().load(
                file: global.configurationFile ?? (exists(usual) ? usual : nil), environment: environment,
                overrides: global.overrides)
        }
        if let level = global.logLevel { settings.log.level = level }
        if let format = global.logFormat { settings.log.format = format }
        return settings
    }

    /// Tells a failure and returns its exit code. Not private, so that tests reach every kind of error.
    func report(_ error: any Error) -> ExitCode {
        guard let failure = error as? any CommandFailure else {
            tell("\(error); this is a bug; please report it with this line")
            return .bug
        }
        if failure.isCancellation, let number = signals?.received {
            tell(
                "stopped by \(number == 2 ? "SIGINT" : "SIGTERM"); what is done is kept; run the command again to go on"
            )
            return .signal(number)
        }
        if let description = failure.failureDescription { tell(description) }
        return failure.exitCode
    }

    private func tell(_ description: String) {
        errorStream.writeLines("retailflow: \(TextEscape.escaped(description))\n")
    }
}
