internal import Foundation

/// Reads the small files that a user names: configuration, keys, topic declarations.
enum FileReader {
    /// All bytes of a file, which may be a pipe.
    ///
    /// - Throws: `unreadableFile` naming the file, when it cannot be opened or read or is longer than `bytesMax`.
    static func read(_ path: String, bytesMax: Int, purpose: String) throws(ConfigurationError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unreadable(path, errno, purpose) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw unreadable(path, errno, purpose)
            }
            if count == 0 { return bytes }
            bytes.append(contentsOf: chunk[..<count])
            guard bytes.count <= bytesMax else {
                throw ConfigurationError(
                    .unreadableFile, "the \(purpose) is longer than \(bytesMax) bytes", at: .file(path, line: nil),
                    advice: "is this the right file?")
            }
        }
    }

    private static func unreadable(_ path: String, _ error: Int32, _ purpose: String) -> ConfigurationError {
        let reason = String(cString: strerror(error))
        let advice =
            switch error {
            case ENOENT: "check the path, or create the file"
            case EACCES: "give this user the right to read it"
            case EISDIR: "name a file, not a directory"
            default: "check the path"
            }
        return ConfigurationError(
            .unreadableFile, "the \(purpose) cannot be read: \(reason)", at: .file(path, line: nil), advice: advice)
    }
}
