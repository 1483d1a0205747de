extension Settings {
    /// `log.*`: what is written to standard error.
    package struct Log: Hashable, Sendable {
        /// The shape of a log line.
        package enum Format: String, CaseIterable, Sendable {
            /// For people.
            case text
            /// One JSON object a line.
            case json
        }

        /// The least level that is written.
        package enum Level: String, CaseIterable, Sendable {
            /// Every step.
            case debug
            /// What a run did.
            case info
            /// What needs attention some time.
            case warning
            /// What stopped something.
            case error
        }

        /// The shape; nil: text on a terminal, else JSON.
        package var format: Format?
        /// The least level.
        package var level = Level.info

        /// The defaults.
        package init() {}
    }
}
