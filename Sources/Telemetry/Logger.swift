/// Writes events: one line each, with a time, a level, a name and fields.
///
/// The name of an event is fixed text (`batch written`), what varies is in its fields. Secrets and personal data belong
/// in neither. A value of this type is cheap to copy and can be used from any thread; when the level is off, fields are
/// not even made.
package struct Logger: Sendable {
    /// A field of an event.
    package typealias Field = (String, LogValue)

    /// The least level that is written.
    package let level: LogLevel
    private let format: LogFormat
    private let clock: @Sendable () -> Int64
    private let sink: @Sendable (String) -> Void
    private let context: [Field]

    /// Makes a logger.
    ///
    /// - Parameters:
    ///   - clock: the time, in microseconds since 1970.
    ///   - sink: takes a line, its newline included; called on the thread that logs.
    package init(
        level: LogLevel, format: LogFormat, clock: @escaping @Sendable () -> Int64,
        sink: @escaping @Sendable (String) -> Void
    ) {
        self.init(level: level, format: format, clock: clock, sink: sink, context: [])
    }

    private init(
        level: LogLevel, format: LogFormat, clock: @escaping @Sendable () -> Int64,
        sink: @escaping @Sendable (String) -> Void, context: [Field]
    ) {
        self.level = level
        self.format = format
        self.clock = clock
        self.sink = sink
        self.context = context
    }

    /// A logger that writes nothing.
    package static let silent = Logger(level: .error, format: .text, clock: { 0 }, sink: { _ in })

    /// The same logger with fields that each event gets; an event's own field of that name goes before.
    package func with(_ fields: Field...) -> Logger {
        Logger(level: level, format: format, clock: clock, sink: sink, context: context + fields)
    }

    /// Whether events of a level are written.
    package func writes(_ level: LogLevel) -> Bool { level >= self.level }

    /// Logs every step.
    package func debug(_ event: String, _ fields: @autoclosure () -> [Field] = []) { log(.debug, event, fields()) }

    /// Logs what a run did.
    package func info(_ event: String, _ fields: @autoclosure () -> [Field] = []) { log(.info, event, fields()) }

    /// Logs what needs attention some time.
    package func warning(_ event: String, _ fields: @autoclosure () -> [Field] = []) {
        log(.warning, event, fields())
    }

    /// Logs what stopped something.
    package func error(_ event: String, _ fields: @autoclosure () -> [Field] = []) { log(.error, event, fields()) }

    /// Logs an event of a level.
    package func log(_ level: LogLevel, _ event: String, _ fields: @autoclosure () -> [Field] = []) {
        guard level >= self.level else { return }
        let line = LogLine(microseconds: clock(), level: level, event: event, fields: merged(fields()))
        sink(format == .json ? line.json : line.text)
    }

    /// Context and fields with one value a name: two of the same would make a JSON object that readers understand
    /// differently.
    private func merged(_ fields: [Field]) -> [Field] {
        var merged: [Field] = []
        merged.reserveCapacity(context.count + fields.count)
        for field in context + fields {
            if let index = merged.firstIndex(where: { $0.0 == field.0 }) {
                merged[index] = field
            } else {
                merged.append(field)
            }
        }
        return merged
    }
}
