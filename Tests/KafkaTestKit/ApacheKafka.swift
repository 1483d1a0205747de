import Foundation
package import Kafka
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A throw-away cluster of real Apache Kafka brokers (KRaft) on free loopback ports, with its data in a temporary
/// directory. Taken from the download that the environment variable `KAFKA_HOME` names; needs `java` on the path.
///
/// The brokers end with this object, and also when the process dies without a word: a shell waits for that.
package final class ApacheKafka: Sendable {
    /// Where Apache Kafka is unpacked: `KAFKA_HOME`, if it is set.
    package static var home: String? {
        ProcessInfo.processInfo.environment["KAFKA_HOME"].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// What went wrong with a broker.
    package struct Failure: Error, CustomStringConvertible {
        /// What happened, with the end of the broker's log.
        package let description: String
    }

    private struct Broker {
        var port: Int
        var process: Process?
    }

    /// `127.0.0.1:port` of each broker, comma-separated.
    package let bootstrapServers: String
    private let home: String
    private let directory: URL
    private let brokers: Mutex<[Int: Broker]>
    private let janitor: Janitor

    /// Formats and starts `brokers` brokers (1 to 3) and returns when all are in the cluster. `properties` go into each
    /// broker's configuration. Throws when `KAFKA_HOME` is not set or a broker does not start within a minute.
    @BlockingActor
    package init(brokers count: Int = 1, properties: [String: String] = [:]) async throws {
        guard let home = Self.home else { throw Failure(description: "KAFKA_HOME is not set") }
        let directory = FileManager.default.temporaryDirectory.appending(path: "kafka-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let ports = try FreePorts.take(count * 2)
        self.home = home
        self.directory = directory
        janitor = try Janitor(directory: directory)
        brokers = Mutex(
            Dictionary(uniqueKeysWithValues: (1...count).map { ($0, Broker(port: ports[2 * $0 - 2], process: nil)) }))
        bootstrapServers = (1...count).map { "127.0.0.1:\(ports[2 * $0 - 2])" }.joined(separator: ",")
        let clusterID = String(
            Data((0..<16).map { _ in UInt8.random(in: .min ... .max) }).base64EncodedString()
                .replacing("+", with: "a").replacing("/", with: "b").prefix(22))
        for id in 1...count {
            let broker = directory.appending(path: "\(id)")
            try FileManager.default.createDirectory(at: broker, withIntermediateDirectories: true)
            let configuration = Self.configuration(id: id, ports: ports, directory: broker, properties: properties)
            try configuration.write(to: broker.appending(path: "server.properties"), atomically: true, encoding: .utf8)
            try format(id, clusterID: clusterID)
        }
        for id in 1...count { try launch(id) }
        try await waitUntilReady()
    }

    deinit {
        // The janitor ends what is left and deletes the directory.
        janitor.finish()
    }

    /// The configuration of a client of this cluster.
    package var configuration: KafkaConfiguration { KafkaConfiguration(bootstrapServers: bootstrapServers) }

    /// Ends a broker at once, as a power cut would (SIGKILL), and waits until it is gone.
    package func kill(_ id: Int) throws { try end(id, SIGKILL) }

    /// Ends a broker in order (SIGTERM), and waits until it is gone.
    package func stop(_ id: Int) throws { try end(id, SIGTERM) }

    /// Freezes a broker (SIGSTOP): it keeps its connections and does not answer.
    package func freeze(_ id: Int) throws { try signal(id, SIGSTOP) }

    /// Lets a frozen broker go on (SIGCONT).
    package func thaw(_ id: Int) throws { try signal(id, SIGCONT) }

    /// Starts a broker again and returns when all brokers are in the cluster.
    @BlockingActor
    package func start(_ id: Int) async throws {
        try launch(id)
        try await waitUntilReady()
    }

    private func signal(_ id: Int, _ number: Int32) throws {
        guard let process = brokers.withLock({ $0[id]?.process }), process.isRunning else {
            throw Failure(description: "broker \(id) does not run")
        }
        _ = Self.send(number, to: process.processIdentifier)
    }

    private static func send(_ number: Int32, to process: Int32) -> Int32 {
        // Not the method of the same name.
        #if canImport(Glibc)
            Glibc.kill(process, number)
        #elseif canImport(Musl)
            Musl.kill(process, number)
        #else
            Darwin.kill(process, number)
        #endif
    }

    private func end(_ id: Int, _ number: Int32) throws {
        try signal(id, number)
        let process = brokers.withLock { brokers in
            defer { brokers[id]?.process = nil }
            return brokers[id]?.process
        }
        process?.waitUntilExit()
        try? FileManager.default.removeItem(at: directory.appending(path: "\(id)/pid"))
    }

    private func launch(_ id: Int) throws {
        let process = try run("kafka-server-start.sh", [path(id, "server.properties")], log: path(id, "log"))
        try "\(process.processIdentifier)".write(toFile: path(id, "pid"), atomically: true, encoding: .utf8)
        brokers.withLock { $0[id]?.process = process }
    }

    private func format(_ id: Int, clusterID: String) throws {
        let process = try run(
            "kafka-storage.sh",
            ["format", "--ignore-formatted", "-t", clusterID, "-c", path(id, "server.properties")],
            log: path(id, "log"))
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(description: "the storage of broker \(id) could not be formatted:\n\(logTail(id))")
        }
    }

    private func run(_ script: String, _ arguments: [String], log: String) throws -> Process {
        guard
            FileManager.default.fileExists(atPath: log)
                || FileManager.default.createFile(atPath: log, contents: nil),
            let output = FileHandle(forWritingAtPath: log)
        else {
            throw Failure(description: "\(log) cannot be written")
        }
        try output.seekToEnd()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "\(home)/bin/\(script)")
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        var environment = ProcessInfo.processInfo.environment
        environment["KAFKA_HEAP_OPTS"] = "-Xms128m -Xmx512m"
        environment["LOG_DIR"] = directory.path
        process.environment = environment
        try process.run()
        return process
    }

    private func path(_ id: Int, _ file: String) -> String { directory.appending(path: "\(id)/\(file)").path }

    private func logTail(_ id: Int) -> String {
        let log = (try? String(contentsOfFile: path(id, "log"), encoding: .utf8)) ?? ""
        return log.split(separator: "\n").suffix(20).joined(separator: "\n")
    }

    @BlockingActor
    private func waitUntilReady() async throws {
        let expected = brokers.withLock { $0.values.count { $0.process != nil } }
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            // Blocks until a broker answers.
            if let probe = try? configuration.probe(timeoutMilliseconds: 1_000), probe.brokers.count >= expected {
                return
            }
            for (id, broker) in brokers.withLock({ $0 }) {
                if let process = broker.process, !process.isRunning {
                    throw Failure(description: "broker \(id) ended:\n\(logTail(id))")
                }
            }
            if ContinuousClock.now > deadline {
                throw Failure(description: "the cluster was not ready within a minute:\n\(logTail(1))")
            }
        }
    }

    private static func configuration(
        id: Int, ports: [Int], directory: URL, properties: [String: String]
    ) -> String {
        let count = ports.count / 2
        let inSync = count > 1 ? 2 : 1
        var all = [
            "process.roles": "broker,controller",
            "node.id": "\(id)",
            "controller.quorum.voters": (1...count).map { "\($0)@127.0.0.1:\(ports[2 * $0 - 1])" }
                .joined(separator: ","),
            "listeners": "PLAINTEXT://127.0.0.1:\(ports[2 * id - 2]),CONTROLLER://127.0.0.1:\(ports[2 * id - 1])",
            "advertised.listeners": "PLAINTEXT://127.0.0.1:\(ports[2 * id - 2])",
            "controller.listener.names": "CONTROLLER",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "log.dirs": directory.appending(path: "data").path,
            "auto.create.topics.enable": "false",
            "offsets.topic.num.partitions": "4",
            "offsets.topic.replication.factor": "\(count)",
            "transaction.state.log.num.partitions": "4",
            "transaction.state.log.replication.factor": "\(count)",
            "transaction.state.log.min.isr": "\(inSync)",
            "default.replication.factor": "\(count)",
            "min.insync.replicas": "\(inSync)",
            "group.initial.rebalance.delay.ms": "0",
            "group.min.session.timeout.ms": "1000",
            "log.cleaner.dedupe.buffer.size": "4194304",
            "num.network.threads": "2",
            "num.io.threads": "2",
        ]
        all.merge(properties) { _, given in given }
        return all.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)\n" }.joined()
    }
}
