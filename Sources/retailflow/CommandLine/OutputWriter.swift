import Foundation

/// Where results go.
struct OutputWriter: Sendable {
    private let take: @Sendable (String) throws(OutputError) -> Void

    /// Makes a writer over what takes texts.
    init(_ take: @escaping @Sendable (String) throws(OutputError) -> Void) {
        self.take = take
    }

    /// Writes a text as it is.
    ///
    /// - Throws: ``OutputError``.
    func write(_ text: String) throws(OutputError) {
        try take(text)
    }

    /// Standard output. What is written is out when the call returns.
    static let standardOutput = OutputWriter { (text) throws(OutputError) in
        let bytes = Array(text.utf8)
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.write(STDOUT_FILENO, buffer.baseAddress.map { $0 + written }, buffer.count - written)
            }
            if count >= 0 {
                written += count
            } else if errno != EINTR {
                throw OutputError(number: errno)
            }
        }
    }

    /// Whether standard output is a terminal.
    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }
}
