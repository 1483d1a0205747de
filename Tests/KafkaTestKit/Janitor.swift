import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A shell that waits until this process closes a pipe or dies, then kills the brokers whose ids are in a directory
/// and deletes the directory.
final class Janitor: Sendable {
    private let pipe = Pipe()
    private let process = Process()

    init(directory: URL) throws {
        // A broker that inherited the writing end would keep the shell waiting.
        _ = fcntl(pipe.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = [
            "-c",
            """
            trap '' INT TERM HUP
            cat >/dev/null
            for file in "$1"/*/pid; do [ -e "$file" ] && kill -9 "$(cat "$file")" 2>/dev/null; done
            rm -rf "$1"
            """,
            "janitor", directory.path,
        ]
        process.standardInput = pipe.fileHandleForReading
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    func finish() {
        try? pipe.fileHandleForWriting.close()
        process.waitUntilExit()
    }
}
