import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A shell that waits until this process closes a pipe or dies, then ends the server whose id is in a directory and
/// deletes the directory.
final class ServerKeeper: Sendable {
    private let pipe = Pipe()
    private let process = Process()

    init(directory: String) throws {
        // A server that inherited the writing end would keep the shell waiting.
        _ = fcntl(pipe.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        // At once, but in PostgreSQL's own way: it takes its processes and its shared memory with it.
        process.arguments = [
            "-c",
            """
            trap '' INT TERM HUP
            cat >/dev/null
            server=$(cat "$1/pid" 2>/dev/null) && kill -QUIT "$server" 2>/dev/null && {
                tries=100
                while [ $tries -gt 0 ] && kill -0 "$server" 2>/dev/null; do sleep 0.1; tries=$((tries - 1)); done
                kill -KILL "$server" 2>/dev/null
            }
            rm -rf "$1"
            """,
            "keeper", directory,
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
