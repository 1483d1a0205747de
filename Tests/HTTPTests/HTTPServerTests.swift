import Foundation
import HTTPClient
import HTTPServer
import Testing

@Suite("HTTP server", .timeLimit(.minutes(1)))
struct HTTPServerTests {
    @Test("The handler gets method, decoded path, query and header fields")
    func request() async throws {
        let server = try HTTPServer { request in
            #expect(request.method == "GET")
            #expect(request.path == "/käse")
            #expect(request.query.map(\.name) == ["a", "b", "a", "c"])
            #expect(request.query(named: "a") == "1 2")
            #expect(request.query(named: "b") == "")
            #expect(request.query(named: "d") == nil)
            #expect(request.header(named: "ACCEPT") != nil)
            return .text("ok")
        }
        let response = try await HTTPClient().get("\(server.baseURL)/k%C3%A4se?a=1%202&b=&a=3&c")
        #expect(response.headers["Content-Type"] == "text/plain; charset=utf-8")
        #expect(response.status == 200)
    }

    @Test("A free port is taken and told, and two servers get two ports")
    func freePort() throws {
        let first = try HTTPServer { _ in .text("") }
        let second = try HTTPServer { _ in .text("") }
        #expect(first.port > 0 && second.port > 0 && first.port != second.port)
    }

    @Test("A port in use is address_in_use")
    func portInUse() throws {
        let first = try HTTPServer { _ in .text("") }
        #expect {
            try HTTPServer(HTTPServerConfiguration(port: first.port)) { _ in .text("") }
        } throws: {
            ($0 as? HTTPServerError)?.code == .addressInUse
        }
    }

    @Test(
        "An address or port that cannot be is address_invalid",
        arguments: [("300.0.0.1", 0), ("127.0.0.1", 70_000), ("192.0.2.7", 0), ("", -1)])
    func invalidAddress(address: String, port: Int) {
        #expect {
            try HTTPServer(HTTPServerConfiguration(address: address, port: port)) { _ in .text("") }
        } throws: {
            ($0 as? HTTPServerError)?.code == .addressInvalid
        }
    }

    @Test("Stopping ends connections that are held open, and a second stop does nothing")
    func stop() async throws {
        let (arrivals, arrived) = AsyncStream.makeStream(of: Void.self)
        let server = try HTTPServer { _ in
            arrived.yield()
            return HTTPServerResponse(delivery: .hang(millisecondsMax: 60_000))
        }
        let task = Task { try await HTTPClient().get(server.baseURL) }
        for await _ in arrivals { break }
        let start = ContinuousClock.now
        server.stop()
        server.stop()
        #expect(ContinuousClock.now - start < .seconds(20))
        #expect((await task.result.failure as? HTTPClientError)?.code == .connectionCut)
    }

    @Test("A connection that is held is free again once its client has gone")
    func clientGone() async throws {
        let server = try HTTPServer(HTTPServerConfiguration(connectionsMax: 1)) { request in
            request.path == "/quick" ? .text("") : HTTPServerResponse(delivery: .hang(millisecondsMax: 60_000))
        }
        let impatient = HTTPClient(HTTPClientConfiguration(timeoutMilliseconds: 50))
        await #expect(throws: HTTPClientError.self) { try await impatient.get(server.baseURL) }
        let patient = HTTPClient(HTTPClientConfiguration(timeoutMilliseconds: 20_000))
        let response = try await patient.get("\(server.baseURL)/quick")
        #expect(response.status == 200)
    }

    @Test("A body of a request is read to its limit; beyond it the answer is 413")
    func requestBody() async throws {
        let server = try HTTPServer(HTTPServerConfiguration(bodyBytesMax: 100_000)) { request in
            .text("\(request.method) \(request.body.count) \(request.body.last ?? 0)")
        }
        let small = try await post([UInt8](repeating: 7, count: 100_000), to: server)
        #expect(small == "200 POST 100000 7")
        let large = try await post([UInt8](repeating: 7, count: 100_001), to: server)
        #expect(large.hasPrefix("413"))
    }

    @Test("An answer with a header that cannot be sent becomes 500 and not half an answer")
    func badHeader() async throws {
        let server = try HTTPServer { _ in
            HTTPServerResponse(headers: [(name: "X-Bad", value: "a\r\nb")], body: Array("secret".utf8))
        }
        let response = try await HTTPClient().get(server.baseURL)
        #expect(response.status == 500)
        #expect(!String(decoding: response.body, as: UTF8.self).contains("secret"))
    }

    @Test("A loopback address of IP version 6 works as well")
    func versionSix() async throws {
        guard let server = try? HTTPServer(HTTPServerConfiguration(address: "::1"), handler: { _ in .text("six") })
        else {
            return  // this machine has no IP version 6
        }
        #expect(server.baseURL == "http://[::1]:\(server.port)")
        let response = try await HTTPClient().get(server.baseURL)
        #expect(response.body == Array("six".utf8))
    }

    /// Sends a body by a plain socket, since the client under test only asks; status and body of the answer.
    private func post(_ body: [UInt8], to server: HTTPServer) async throws -> String {
        let port = server.port
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try PlainSocket.post(body, port: port) }) }
        }
    }
}
