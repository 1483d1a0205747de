import Foundation
import HTTPClient
import HTTPServer
import Testing

@Suite("Kept connections", .serialized, .timeLimit(.minutes(5)))
struct KeepAliveTests {
    @Test("Pages one after the other come over one connection")
    func oneConnection() async throws {
        // A server that bears one connection would close a second one.
        let server = try HTTPServer(HTTPServerConfiguration(connectionsMax: 1)) { _ in .text("page") }
        let client = HTTPClient()
        for _ in 0..<50 {
            let response = try await client.get(server.baseURL)
            #expect(response.status == 200)
        }
    }

    @Test("No page of 68 KB is kept: 10,000 of them take no room")
    func flatMemory() async throws {
        let page = [UInt8](repeating: 0x20, count: 68_000)
        let server = try HTTPServer { _ in .json(page) }
        let client = HTTPClient()
        for _ in 0..<500 { _ = try await client.get(server.baseURL) }
        let before = try residentBytes()
        for _ in 0..<10_000 { _ = try await client.get(server.baseURL) }
        // Kept, they would take 680 MB; other suites and a sanitizer's bookkeeping need some room of their own.
        #expect(try residentBytes() - before < 400 << 20)
    }

    @Test("A server that was restarted on the same port is reached again by the same client")
    func restartedServer() async throws {
        let first = try HTTPServer { _ in .text("first") }
        let client = HTTPClient()
        _ = try await client.get(first.baseURL)
        first.stop()
        let second = try HTTPServer(HTTPServerConfiguration(port: first.port)) { _ in .text("second") }
        let response = try await client.get(second.baseURL)
        #expect(response.body == Array("second".utf8))
    }

    private func residentBytes() throws -> Int {
        let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        return try #require(text.split(separator: " ").dropFirst().first.flatMap { Int($0) }) * 4_096
    }
}
