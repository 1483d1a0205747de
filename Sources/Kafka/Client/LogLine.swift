/// One line of librdkafka's log.
public struct LogLine: Hashable, Sendable {
    /// How bad it is: syslog's levels.
    public enum Level: Int32, Comparable, Sendable {
        /// The names are syslog's.
        case emergency, alert, critical, error, warning, notice, information, debug

        /// Worse is less.
        public static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
    }

    /// How bad it is.
    public var level: Level
    /// librdkafka's short name of the place, such as `FAIL`.
    public var facility: String
    /// The text.
    public var message: String

    /// A line of the log.
    public init(level: Level, facility: String, message: String) {
        self.level = level
        self.facility = facility
        self.message = message
    }
}
