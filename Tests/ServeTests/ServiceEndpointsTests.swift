import Foundation
import HTTPClient
import HTTPServer
import Synchronization
import Telemetry
import Testing

@testable import Serve
@testable import Service

@Suite("Endpoints of the service", .timeLimit(.minutes(1)))
struct ServiceEndpointsTests {
    private let board = PartBoard(["extract", "ingest"], clock: { 1_795_262_399_123_456 })
    private let registry = MetricRegistry()

    private func server() throws -> HTTPServer {
        try HTTPServer(address: "127.0.0.1", port: 0, board: board, registry: registry)
    }

    private func answer(_ method: String, _ path: String) -> HTTPServerResponse {
        ServiceEndpoints(board, registry).answer(HTTPRequest(method: method, path: path))
    }

    @Test("readyz tells each part's state, since when, and why not; 200 only when all work")
    func ready() throws {
        func json() throws -> (status: Int, ready: Bool?, parts: [[String: String]]?) {
            let response = answer("GET", "/readyz")
            let object = try JSONSerialization.jsonObject(with: Data(response.body)) as? [String: Any]
            return (response.status, object?["ready"] as? Bool, object?["parts"] as? [[String: String]])
        }
        var now = try json()
        #expect(now.status == 503 && now.ready == false)
        #expect(now.parts?.map { $0["state"] } == ["starting", "starting"])
        board.set("extract", .working)
        board.set("ingest", .waiting(reason: "kafka: \"no\"\nbroker"))
        now = try json()
        #expect(now.status == 503 && now.ready == false)
        #expect(
            now.parts?.last == [
                "part": "ingest", "state": "waiting", "since": "2026-11-21T11:59:59.123Z",
                "reason": "kafka: \"no\"\nbroker",
            ])
        board.set("ingest", .working)
        now = try json()
        #expect(now.status == 200 && now.ready == true)
        #expect(now.parts?.last?["reason"] == nil)
        board.stopAll()
        #expect(try json().status == 503)
    }

    @Test("Over the network: GET and HEAD, and nothing else")
    func network() async throws {
        registry.counter("retailflow_test_total", help: "Test.").add(3)
        let server = try server()
        let metrics = try await HTTPClient().get("\(server.baseURL)/metrics")
        #expect(metrics.status == 200)
        #expect(metrics.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
        #expect(String(decoding: metrics.body, as: UTF8.self).contains("\nretailflow_test_total 3\n"))
        let alive = try await HTTPClient().get("\(server.baseURL)/healthz")
        #expect(alive.status == 200 && String(decoding: alive.body, as: UTF8.self) == "ok\n")
        #expect(try await HTTPClient().get("\(server.baseURL)/").status == 404)
        #expect(server.address == "127.0.0.1")
    }

    @Test("HEAD is answered as GET is", arguments: ["/healthz", "/readyz", "/metrics"])
    func head(_ path: String) {
        #expect(answer("HEAD", path).status == answer("GET", path).status)
    }

    @Test("Other methods are refused with the ones that go, on pages that there are")
    func methods() {
        for method in ["POST", "PUT", "DELETE", "OPTIONS", "get"] {
            let response = answer(method, "/metrics")
            #expect(response.status == 405)
            #expect(response.headers.contains { $0 == (name: "Allow", value: "GET, HEAD") })
        }
        #expect(answer("POST", "/nowhere").status == 404)
        #expect(answer("GET", "/metrics/").status == 404)
    }
}
