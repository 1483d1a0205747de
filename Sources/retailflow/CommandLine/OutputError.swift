import Foundation

/// Standard output does not take the result.
struct OutputError: Error, Hashable, CustomStringConvertible {
    /// The system's error number.
    let number: Int32

    /// Whether the reader of a pipe has closed it, which is no fault of anybody.
    var isClosedPipe: Bool { number == EPIPE }

    /// What went wrong and what to do.
    var description: String {
        "the result cannot be written: \(String(cString: strerror(number))); standard output; "
            + "check where it is redirected to"
    }
}
