import Foundation
import PostgreSQL
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A throw-away PostgreSQL server with its data in a temporary directory, on a socket and a loopback port of its own.
///
/// PostgreSQL 15 or newer, from Debian's place or the path. It does not run as root: root starts it as another user. It
/// ends with this object, and also when the process dies without a word: a shell waits for that.
package final class PostgreSQLServer: Sendable {
    /// What went wrong with a server.
    package struct Failure: Error, CustomStringConvertible {
        /// What happened, with the end of the server's log.
        package let description: String
    }

    /// The superuser's password over TCP; on the socket none is asked for.
    package static let password = "p@ss/w?rd#1%"

    /// The directory of the socket, the data, the log and, with TLS, of `server.crt`.
    package let directory: String
    private let programs: String
    private let settings: [String: String]
    private let running = Mutex<(process: Process, port: Int)?>(nil)
    private let keeper: ServerKeeper

    /// Makes and starts a server. Blocks for a second or two.
    ///
    /// - Parameters:
    ///   - settings: as in `postgresql.conf`; by default `fsync` is off.
    ///   - tls: with a certificate of its own for `localhost`, which is its own authority.
    package init(settings: [String: String] = [:], tls: Bool = false) throws {
        programs = try Self.findPrograms()
        // Short: the path of a socket has room for 107 bytes.
        directory = "/tmp/pg-\(UUID().uuidString.prefix(8).lowercased())"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
        keeper = try ServerKeeper(directory: directory)
        var all = ["fsync": "off", "max_connections": "200", "shared_buffers": "64MB", "jit": "off"]
        if tls { all.merge(["ssl": "on", "ssl_cert_file": "\(directory)/server.crt"]) { $1 } }
        if tls { all["ssl_key_file"] = "\(directory)/server.key" }
        self.settings = all.merging(settings) { $1 }
        try Self.password.write(toFile: "\(directory)/password", atomically: false, encoding: .utf8)
        if tls { try makeCertificate() }
        if let user = Self.unprivilegedUser {
            for file in [""] + (try FileManager.default.contentsOfDirectory(atPath: directory)) {
                guard chown("\(directory)/\(file)", user.id, user.group) == 0 else {
                    throw Failure(description: "chown \(directory)/\(file): error \(errno)")
                }
            }
        }
        try finish(
            run(
                "initdb",
                [
                    "-D", "\(directory)/data", "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync",
                    "--auth-local=trust", "--auth-host=scram-sha-256", "--pwfile=\(directory)/password",
                ]))
        try start()
    }

    // The keeper ends what is left and deletes the directory.
    deinit { keeper.finish() }

    // MARK: Addresses

    /// The URL of a database through the socket.
    package func url(database: String = "postgres", user: String = "postgres") -> String {
        "postgresql://\(user)@/\(database)?host=\(directory)&port=\(port)"
    }

    /// The URL of a database through the loopback port, with a password.
    package func networkURL(
        database: String = "postgres", user: String = "postgres", password: String = PostgreSQLServer.password,
        host: String = "127.0.0.1", parameters: String = ""
    ) -> String {
        let escaped = password.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        return "postgresql://\(user):\(escaped)@\(host):\(port)/\(database)\(parameters)"
    }

    /// The loopback port; another one after each start.
    package var port: Int { running.withLock { $0?.port ?? 0 } }

    /// Makes a database with a name of its own, which goes with the last owner of what is returned.
    ///
    /// - Parameter template: a database to copy, which nobody uses.
    package func makeDatabase(template: String = "template1") throws -> ScratchDatabase {
        let name = "test_\(UUID().uuidString.prefix(8).lowercased())"
        try Connection(ConnectionParameters(url: url())).execute("CREATE DATABASE \(name) TEMPLATE \(template)")
        return ScratchDatabase(name: name, server: self)
    }

    // MARK: Life

    /// Starts the server and returns when it takes connections.
    package func start() throws {
        for _ in 1...5 {
            // Below the range from which the system takes the ports of outgoing connections. One that is taken ends the
            // server, which is then started on another one.
            let port = Int.random(in: 20_000..<32_000)
            let process = try run(
                "postgres",
                ["-D", "\(directory)/data", "-k", directory, "-p", "\(port)", "-h", "127.0.0.1"]
                    + settings.sorted { $0.key < $1.key }.flatMap { ["-c", "\($0.key)=\($0.value)"] })
            try "\(process.processIdentifier)".write(toFile: "\(directory)/pid", atomically: true, encoding: .utf8)
            running.withLock { $0 = (process, port) }
            if try waitUntilReady(process) { return }
        }
        throw Failure(description: "the server did not start:\n\(logTail)")
    }

    /// Ends the server in order, cutting its connections (SIGINT), and waits until it is gone.
    package func stop() throws { try end(SIGINT) }

    /// Ends the server at once, without a checkpoint (SIGQUIT): the next start recovers as after a crash.
    package func kill() throws { try end(SIGQUIT) }

    /// Freezes the server and the process of one connection (SIGSTOP): they keep their sockets and do not answer.
    package func freeze(_ backend: Int32) throws { try signal(SIGSTOP, backend) }

    /// Lets both go on (SIGCONT).
    package func thaw(_ backend: Int32) throws { try signal(SIGCONT, backend) }

    private func signal(_ number: Int32, _ backend: Int32) throws {
        guard let process = running.withLock({ $0?.process }), process.isRunning else {
            throw Failure(description: "the server does not run")
        }
        for id in [process.processIdentifier, backend] where id > 0 { _ = send(number, to: id) }
    }

    private func end(_ signal: Int32) throws {
        let taken = running.withLock { running in
            defer { running = nil }
            return running?.process
        }
        guard let process = taken, process.isRunning else { throw Failure(description: "the server does not run") }
        _ = send(signal, to: process.processIdentifier)
        process.waitUntilExit()
        try? FileManager.default.removeItem(atPath: "\(directory)/pid")
    }

    private func waitUntilReady(_ process: Process) throws -> Bool {
        let parameters = try ConnectionParameters(url: url())
        let deadline = ContinuousClock.now + .seconds(60)
        while process.isRunning {
            do throws(PostgreSQLError) {
                _ = try Connection(parameters)
                return true
            } catch {
                guard error.code == .cannotConnect, .now < deadline else {
                    throw Failure(description: "\(error)\n\(logTail)")
                }
            }
            Thread.sleep(forTimeInterval: 0.02)
        }
        return false
    }

    // MARK: Programs

    /// Whether there is a PostgreSQL to start.
    package static var isInstalled: Bool { (try? findPrograms()) != nil }

    private static func findPrograms() throws -> String {
        let places = FileManager.default
        let debian = ((try? places.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? [])
            .compactMap(Int.init).filter { $0 >= 15 }.sorted(by: >).map { "/usr/lib/postgresql/\($0)/bin" }
        let path = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        guard let found = (debian + path).first(where: { places.isExecutableFile(atPath: "\($0)/initdb") }) else {
            throw Failure(description: "no PostgreSQL 15 or newer: scripts/dependencies postgresql")
        }
        return found
    }

    /// Whom root runs the server as; nil for everybody else.
    private static var unprivilegedUser: (name: String, id: uid_t, group: gid_t)? {
        guard geteuid() == 0 else { return nil }
        for name in ["postgres", "nobody"] {
            if let user = getpwnam(name) { return (name, user.pointee.pw_uid, user.pointee.pw_gid) }
        }
        return nil
    }

    private func run(_ program: String, _ arguments: [String]) throws -> Process {
        let log = "\(directory)/log"
        guard
            FileManager.default.fileExists(atPath: log) || FileManager.default.createFile(atPath: log, contents: nil),
            let output = FileHandle(forWritingAtPath: log)
        else {
            throw Failure(description: "\(log) cannot be written")
        }
        try output.seekToEnd()
        let process = Process()
        var command = ["\(programs)/\(program)"] + arguments
        if let user = Self.unprivilegedUser {
            command = ["setpriv", "--reuid=\(user.id)", "--regid=\(user.group)", "--clear-groups"] + command
        }
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        // The server's user may not be allowed where the tests run.
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try process.run()
        return process
    }

    private func finish(_ process: Process) throws {
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(description: logTail) }
    }

    private func makeCertificate() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
            "-keyout", "\(directory)/server.key", "-out", "\(directory)/server.crt",
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0, chmod("\(directory)/server.key", 0o600) == 0 else {
            throw Failure(description: "openssl did not make a certificate")
        }
    }

    private var logTail: String {
        let log = (try? String(contentsOfFile: "\(directory)/log", encoding: .utf8)) ?? ""
        return log.split(separator: "\n").suffix(20).joined(separator: "\n")
    }

    private func send(_ signal: Int32, to process: Int32) -> Int32 {
        // Not the method of the same name.
        #if canImport(Glibc)
            Glibc.kill(process, signal)
        #elseif canImport(Musl)
            Musl.kill(process, signal)
        #else
            Darwin.kill(process, signal)
        #endif
    }
}
