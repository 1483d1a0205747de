/// Why the simulator could not start or do what it was told.
package struct SimulatorError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of failure; open, so that a later version can tell more of them apart.
    package struct Code: RawRepresentable, Hashable, Sendable {
        /// A short, bounded label.
        package let rawValue: String

        /// Makes a code from its label.
        package init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// A file or folder of data cannot be read.
        package static let dataUnreadable = Code(rawValue: "data_unreadable")
        /// The port cannot be had.
        package static let cannotListen = Code(rawValue: "cannot_listen")
        /// A fault is written in a way that is not understood.
        package static let faultUnknown = Code(rawValue: "fault_unknown")
        /// Made-up data cannot be changed, only stored data can.
        package static let dataFixed = Code(rawValue: "data_fixed")
    }

    /// What kind of failure this is.
    package let code: Code
    /// What happened and what to do, in words.
    package let reason: String

    /// What went wrong.
    package var description: String { "simulator: \(reason)" }
}
