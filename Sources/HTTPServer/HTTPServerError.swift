/// Why a server could not start.
package struct HTTPServerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of failure; open, so that a later version can tell more of them apart.
    package struct Code: RawRepresentable, Hashable, Sendable {
        /// A short, bounded label.
        package let rawValue: String

        /// Makes a code from its label.
        package init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// Another process has the port.
        package static let addressInUse = Code(rawValue: "address_in_use")
        /// The address is not one of this machine, or not written in numbers, or the port is no port.
        package static let addressInvalid = Code(rawValue: "address_invalid")
        /// The port may be taken only by others (below 1024).
        package static let permissionDenied = Code(rawValue: "permission_denied")
        /// Something else.
        package static let other = Code(rawValue: "other")
    }

    /// What kind of failure this is.
    package let code: Code
    /// The address and port asked for.
    package let address: String
    /// What happened, in words.
    package let reason: String

    /// Whether the same start may succeed later without anyone changing the configuration.
    package var isRetriable: Bool { code == .addressInUse }

    /// What went wrong, where, and what to do.
    package var description: String {
        let advice =
            switch code {
            case .addressInUse: "; choose another port, or stop what listens there"
            case .addressInvalid: "; give an address of this machine in numbers and a port from 0 to 65535"
            case .permissionDenied: "; choose a port from 1024 on"
            default: ""
            }
        return "cannot listen on \(address): \(reason)\(advice)"
    }
}
