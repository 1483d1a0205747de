import Foundation

/// The ground of all workloads: a directory, a broker, the source API, and the programs that are measured.
final class Workplace {
    let options: Options
    let repository: String
    let directory: String
    let kafkaHome: String
    let servers: String
    let key = "benchmark-key"
    private(set) var apiPort = 0
    private var api: ChildProcess.Running?
    /// The topics that hold all sales.
    var filled: Set<String> = []

    init(options: Options, repository: String) throws {
        self.options = options
        self.repository = repository
        // A directory of our own inside the given one: it is deleted at the end.
        directory = "\(options.directory)/retailflow-benchmarks.\(ProcessInfo.processInfo.processIdentifier)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let kafka = "\(repository)/scripts/kafka"
        kafkaHome = try ChildProcess.run([kafka, "home"], in: directory).output.trimmed
        servers = try ChildProcess.run([kafka, "up", "\(directory)/kafka"], in: directory).output.trimmed
    }

    /// Ends the broker and the API and deletes their data.
    func close() {
        api?.end()
        _ = try? ChildProcess.run(["\(repository)/scripts/kafka", "destroy", "\(directory)/kafka"], in: directory)
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// Writes the sales and serves them; `--sales` decides how many.
    func startAPI() throws {
        guard api == nil else { return }
        let data = "\(directory)/data"
        let generator = "\(repository)/Tests/Acceptance/generate-data"
        let sales = String(options.sales)
        _ = try ChildProcess.run(
            [generator, data, "--sales", sales, "--products", "20000", "--customers", "50000"], in: directory)
        apiPort = try freePort()
        api = try ChildProcess.start(
            [options.program, "simulate", "--data", data, "--port", String(apiPort)], in: directory,
            environment: environment)
        try wait(untilPort: apiPort, within: .seconds(120))
    }

    /// Creates a topic; a name is used once.
    func createTopic(_ name: String, partitions: Int) throws {
        _ = try ChildProcess.run(
            [
                "\(kafkaHome)/bin/kafka-topics.sh", "--bootstrap-server", servers, "--create", "--topic", name,
                "--partitions", String(partitions),
            ], in: directory)
    }

    func deleteTopic(_ name: String) throws {
        _ = try ChildProcess.run(
            ["\(kafkaHome)/bin/kafka-topics.sh", "--bootstrap-server", servers, "--delete", "--topic", name],
            in: directory)
    }

    /// Runs retailflow, or another build of it, with its settings given on the command line.
    func retailflow(
        _ arguments: [String], settings: [String: String], program: String? = nil
    ) throws -> ChildProcess {
        let given = settings.merging([
            "kafka.bootstrap_servers": servers, "api.base_url": "http://127.0.0.1:\(apiPort)",
        ]) { given, _ in given }
        let options = given.sorted { $0.key < $1.key }.flatMap { ["--set", "\($0.key)=\($0.value)"] }
        return try ChildProcess.run(
            [program ?? self.options.program] + options + arguments, in: directory, environment: environment)
    }

    /// Runs one of the C programs.
    func reference(_ name: String, _ arguments: [String]) throws -> ChildProcess {
        let mine = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let directory = URL(fileURLWithPath: mine).deletingLastPathComponent().path
        return try ChildProcess.run(["\(directory)/\(name)"] + arguments, in: self.directory)
    }

    /// Runs SQL in the sqlite3 shell.
    func sqlite(_ sql: String) throws -> ChildProcess {
        let path = "\(directory)/statements.sql"
        try sql.write(toFile: path, atomically: true, encoding: .utf8)
        return try ChildProcess.run(["/usr/bin/env", "sqlite3", "-bail", ":memory:", ".read '\(path)'"], in: directory)
    }

    /// Makes an empty warehouse and returns its directory.
    func emptyWarehouse(_ name: String, program: String? = nil) throws -> String {
        let path = "\(directory)/\(name)"
        _ = try retailflow(
            ["batch", "--only", "rebuild"], settings: ["warehouse.url": "sqlite:\(path)"], program: program)
        return path
    }

    func remove(_ path: String) throws { try FileManager.default.removeItem(atPath: path) }

    private var environment: [String: String] { ["RETAILFLOW_API_KEY": key] }

    private func freePort() throws -> Int {
        let script = "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); print(s.getsockname()[1])"
        let output = try ChildProcess.run(["/usr/bin/env", "python3", "-c", script], in: directory).output.trimmed
        guard let port = Int(output) else { throw BenchmarkError("no free port") }
        return port
    }

    private func wait(untilPort port: Int, within limit: Duration) throws {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            let probe = ["/usr/bin/env", "bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/\(port) || exec sleep 0.1 && false"]
            if (try? ChildProcess.run(probe, in: directory)) != nil { return }
        }
        throw BenchmarkError("the source API does not listen on port \(port)")
    }
}

extension String {
    /// Without blanks and line ends around it.
    var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
