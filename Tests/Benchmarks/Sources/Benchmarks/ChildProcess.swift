import Foundation

/// A program that ran to its end, and what that took.
struct ChildProcess {
    /// From the start of the process until it was waited for.
    let seconds: Double
    /// User and system time of all its threads.
    let processorSeconds: Double
    /// The largest resident set, in MiB.
    let peakMebibytes: Double
    /// What it wrote to standard output.
    let output: String

    /// Runs a program and waits for it.
    ///
    /// - Parameters:
    ///   - command: the path of the program and its arguments.
    ///   - directory: where its standard output and error are kept meanwhile.
    /// - Throws: `BenchmarkError` if it can't be started or ends with another code than 0.
    static func run(_ command: [String], in directory: String, environment: [String: String] = [:]) throws
        -> ChildProcess
    {
        let child = try start(command, in: directory, environment: environment)
        return try child.wait()
    }

    /// Starts a program without waiting for it.
    static func start(_ command: [String], in directory: String, environment: [String: String] = [:]) throws -> Running
    {
        let name = URL(fileURLWithPath: command[0]).lastPathComponent
        let outputPath = "\(directory)/\(name)-\(UUID().uuidString).out"
        let errorPath = "\(directory)/\(name)-\(UUID().uuidString).log"
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, outputPath, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        posix_spawn_file_actions_addopen(&actions, 2, errorPath, O_WRONLY | O_CREAT | O_TRUNC, 0o644)

        // The program takes every variable of its prefix for a setting: only those that are meant.
        let variables = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("RETAILFLOW_") }
            .merging(environment) { _, given in given }
        let arguments = command.map { strdup($0) } + [nil]
        let settings = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (arguments + settings).forEach { free($0) } }
        var process: pid_t = 0
        let began = ContinuousClock.now
        let failure = posix_spawn(&process, command[0], &actions, nil, arguments, settings)
        guard failure == 0 else {
            throw BenchmarkError("\(command[0]) can't be started: \(String(cString: strerror(failure)))")
        }
        return Running(
            process: process, began: began, command: command, outputPath: outputPath, errorPath: errorPath)
    }

    /// A program that was started.
    struct Running {
        let process: pid_t
        fileprivate let began: ContinuousClock.Instant
        fileprivate let command: [String]
        fileprivate let outputPath: String
        fileprivate let errorPath: String

        /// Waits for the end of the program.
        func wait() throws -> ChildProcess {
            let (status, usage) = try reap()
            let elapsed = ContinuousClock.now - began
            let output = try String(contentsOfFile: outputPath, encoding: .utf8)
            guard status == 0 else {
                let errors = (try? String(contentsOfFile: errorPath, encoding: .utf8)) ?? ""
                throw BenchmarkError(
                    "\(command.joined(separator: " ")) ended with status \(status): \(errors.suffix(2000))\(output.suffix(500))"
                )
            }
            for path in [outputPath, errorPath] { try FileManager.default.removeItem(atPath: path) }
            return ChildProcess(
                seconds: elapsed / .seconds(1), processorSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime),
                peakMebibytes: Double(usage.ru_maxrss) / 1024, output: output)
        }

        /// Ends the program, however it ends.
        func end() {
            kill(process, SIGTERM)
            _ = try? reap()
        }

        private func reap() throws -> (status: Int32, usage: rusage) {
            var status: Int32 = 0
            var usage = rusage()
            while wait4(process, &status, 0, &usage) < 0 {
                guard errno == EINTR else { throw BenchmarkError("wait4: \(String(cString: strerror(errno)))") }
            }
            return (status, usage)
        }

        private func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1_000_000 }
    }
}
