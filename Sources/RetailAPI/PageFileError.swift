internal import Glibc

/// Why a page could not be kept as a file, or not be read from one.
package struct PageFileError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was being done.
    package enum Code: Sendable, Hashable {
        /// A directory or a file could not be made.
        case cannotCreate
        /// The bytes could not be written or made to last.
        case cannotWrite
        /// The file could not be read.
        case cannotRead
    }

    /// What was being done.
    package let code: Code
    /// The file or directory.
    package let path: String
    /// The system's number of the error (`errno`).
    package let number: Int32

    /// Makes an error.
    package init(code: Code, path: String, number: Int32) {
        self.code = code
        self.path = path
        self.number = number
    }

    /// Whether there is no such file.
    package var isMissing: Bool { number == ENOENT }

    /// What went wrong, and where.
    package var description: String {
        let verb =
            switch code {
            case .cannotCreate: "created"
            case .cannotWrite: "written"
            case .cannotRead: "read"
            }
        let remedy = code == .cannotRead ? "; check the path and its rights" : ""
        return "\(path) can't be \(verb): \(String(cString: strerror(number)))\(remedy)"
    }
}
