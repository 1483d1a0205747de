import Foundation
import HTTPClient
import Testing

@Suite("A certificate authority of one's own", .timeLimit(.minutes(1)))
struct PrivateAuthorityTests {
    private static let openssl = ["/usr/bin/openssl", "/usr/local/bin/openssl"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    @Test("A server is trusted by the file that holds its authority, and by nothing else", .enabled(if: openssl != nil))
    func privateAuthority() async throws {
        let openssl = try #require(Self.openssl)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let key = folder.appendingPathComponent("key.pem").path
        let certificate = folder.appendingPathComponent("certificate.pem").path
        let request = try process(
            openssl,
            [
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext",
                "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate,
            ])
        request.0.waitUntilExit()
        try #require(request.0.terminationStatus == 0)

        let (server, output) = try process(
            openssl, ["s_server", "-www", "-accept", "127.0.0.1:0", "-key", key, "-cert", certificate])
        defer { server.terminate() }
        let port = try #require(Self.port(in: output))
        let url = "https://127.0.0.1:\(port)/"

        let trusting = HTTPClient(HTTPClientConfiguration(certificateAuthorityFile: certificate))
        let response = try await trusting.get(url)
        #expect(response.status == 200)
        await #expect { try await HTTPClient().get(url) } throws: { ($0 as? HTTPClientError)?.code == .tls }
        // The certificate is for the number, not for the name.
        await #expect {
            try await trusting.get("https://localhost:\(port)/")
        } throws: {
            ($0 as? HTTPClientError)?.code == .tls
        }
    }

    private func process(_ path: String, _ arguments: [String]) throws -> (Process, FileHandle) {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        return (process, pipe.fileHandleForReading)
    }

    /// The port that the server says it has: "ACCEPT 127.0.0.1:43210".
    private static func port(in output: FileHandle) -> Int? {
        var text = ""
        while let piece = Optional(output.availableData), !piece.isEmpty {
            text += String(decoding: piece, as: UTF8.self)
            for line in text.split(separator: "\n").dropLast(text.hasSuffix("\n") ? 0 : 1)
            where line.hasPrefix("ACCEPT") {
                return line.split(separator: ":").last.flatMap { Int($0) }
            }
        }
        return nil
    }
}
