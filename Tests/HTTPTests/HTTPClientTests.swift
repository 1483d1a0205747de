import Foundation
import HTTPClient
import HTTPServer
import Testing

@Suite("HTTP client", .timeLimit(.minutes(1)))
struct HTTPClientTests {
    @Test("An answer comes back with its status, header fields and body")
    func answer() async throws {
        let server = try HTTPServer { request in
            #expect(request.header(named: "x-api-key") == "abc")
            return HTTPServerResponse(
                status: 418, headers: [(name: "X-Kind", value: " teapot ")], body: Array(request.path.utf8))
        }
        let response = try await HTTPClient().get("\(server.baseURL)/a%20b", headers: [("X-API-Key", "abc")])
        #expect(response.status == 418)
        #expect(response.headers["x-kind"] == "teapot")
        #expect(response.headers["X-KIND"] == "teapot")
        #expect(response.headers["Nothing"] == nil)
        #expect(String(decoding: response.body, as: UTF8.self) == "/a b")
    }

    @Test("A header with an empty value is sent, not left out")
    func emptyHeader() async throws {
        let server = try HTTPServer { .text($0.header(named: "X-Empty").map { "<\($0)>" } ?? "none") }
        let response = try await HTTPClient().get(server.baseURL, headers: [("X-Empty", "")])
        #expect(response.body == Array("<>".utf8))
    }

    @Test("Nobody at the port is connection_refused, and may be tried again")
    func refused() async throws {
        let server = try HTTPServer { _ in .text("") }
        let url = server.baseURL
        server.stop()
        let error = await failure { try await HTTPClient().get(url) }
        #expect(error?.code == .connectionRefused)
        #expect(error?.isRetriable == true)
    }

    @Test("A server that does not answer is timed_out after the milliseconds allowed, not whole seconds")
    func timeout() async throws {
        let server = try HTTPServer { _ in HTTPServerResponse(delivery: .hang(millisecondsMax: 60_000)) }
        let client = HTTPClient(HTTPClientConfiguration(timeoutMilliseconds: 120))
        // On a busy machine one of several is quick enough to tell milliseconds from seconds.
        var shortest = Duration.seconds(60)
        for _ in 0..<8 where shortest >= .milliseconds(900) {
            let start = ContinuousClock.now
            let error = await failure { try await client.get(server.baseURL) }
            shortest = min(shortest, ContinuousClock.now - start)
            #expect(error?.code == .timedOut)
            #expect(shortest >= .milliseconds(115))
        }
        #expect(shortest < .milliseconds(900))
    }

    @Test("A host whose name cannot exist is name_not_resolved")
    func unknownName() async throws {
        let name = String(repeating: "a", count: 64)
        let error = await failure { try await HTTPClient().get("http://\(name).invalid/") }
        #expect(error?.code == .nameNotResolved)
    }

    @Test("A connection that breaks in the middle of the body is connection_cut", arguments: [0, 1, 30_000, 59_999])
    func cut(afterBytes: Int) async throws {
        let server = try HTTPServer { _ in
            HTTPServerResponse(body: [UInt8](repeating: 65, count: 60_000), delivery: .cut(afterBytes: afterBytes))
        }
        let error = await failure { try await HTTPClient().get(server.baseURL) }
        #expect(error?.code == .connectionCut)
        #expect(error?.isRetriable == true)
    }

    @Test("A body beyond the limit is too_large; one of just that size is not")
    func tooLarge() async throws {
        let server = try HTTPServer { request in
            .text(String(repeating: "x", count: Int(request.query(named: "n") ?? "") ?? 0))
        }
        let client = HTTPClient(HTTPClientConfiguration(bodyBytesMax: 10_000))
        let largest = try await client.get("\(server.baseURL)/?n=10000")
        #expect(largest.body.count == 10_000)
        let error = await failure { try await client.get("\(server.baseURL)/?n=10001") }
        #expect(error?.code == .tooLarge)
    }

    @Test("gzip is undone, and the limit counts what comes out of it")
    func gzip() async throws {
        let server = try HTTPServer { request in
            #expect(request.header(named: "Accept-Encoding")?.contains("gzip") == true)
            return HTTPServerResponse(
                headers: [(name: "Content-Encoding", value: "gzip")],
                body: request.path == "/bomb" ? Gzip.hundredThousandZeros : Gzip.page)
        }
        let client = HTTPClient(HTTPClientConfiguration(bodyBytesMax: 50_000))
        let page = try await client.get("\(server.baseURL)/page")
        #expect(String(decoding: page.body, as: UTF8.self) == #"[{"id":1}]"#)
        let error = await failure { try await client.get("\(server.baseURL)/bomb") }
        #expect(error?.code == .tooLarge)
    }

    @Test("A broken compression is invalid_answer")
    func brokenGzip() async throws {
        let server = try HTTPServer { _ in
            HTTPServerResponse(
                headers: [(name: "Content-Encoding", value: "gzip")], body: Array("no gzip at all".utf8))
        }
        let error = await failure { try await HTTPClient().get(server.baseURL) }
        #expect(error?.code == .invalidAnswer)
    }

    @Test("TLS to a server that speaks none is tls, and so is a missing file of authorities")
    func tls() async throws {
        let server = try HTTPServer { _ in .text("plain") }
        let url = "https://127.0.0.1:\(server.port)/"
        #expect(await failure { try await HTTPClient().get(url) }?.code == .tls)
        let client = HTTPClient(HTTPClientConfiguration(certificateAuthorityFile: "/nowhere/ca.pem"))
        #expect(await failure { try await client.get(url) }?.code == .tls)
    }

    @Test(
        "Text that is no http URL is invalid_url",
        arguments: ["", "nothing", "/sales", "ftp://127.0.0.1/", "file:///etc/passwd", "http://", "http://a b/"])
    func invalidURL(url: String) async {
        #expect(await failure { try await HTTPClient().get(url) }?.code == .invalidURL)
    }

    @Test(
        "A header that would break the request apart is not sent",
        arguments: [("X-A", "1\r\nX-B: 2"), ("X A", "1"), ("", "1"), ("X-A:", "1"), ("X-A", "1\u{0}2")])
    func invalidHeader(name: String, value: String) async throws {
        let server = try HTTPServer { _ in .text("") }
        let error = await failure { try await HTTPClient().get(server.baseURL, headers: [(name, value)]) }
        #expect(error?.code == .invalidHeader)
        #expect(error?.description.contains("X-B") != true)
    }

    @Test("An error names the URL without user, password and values that may be secret")
    func redaction() async throws {
        let server = try HTTPServer { _ in .text("") }
        server.stop()
        let url =
            "http://joe:pa55@127.0.0.1:\(server.port)/sales?start_sales_id=536365&api_key=123&q=topsecret&bare#frag"
        let error = try #require(
            await failure { try await HTTPClient().get(url) })
        #expect(error.url == "http://127.0.0.1:\(server.port)/sales?start_sales_id=536365&api_key=…&q=…&…")
        for secret in ["joe", "pa55", "=123", "topsecret", "bare", "frag"] {
            #expect(!error.description.contains(secret))
        }
    }

    private func failure(_ body: () async throws -> HTTPResponse) async -> HTTPClientError? {
        do {
            let response = try await body()
            Issue.record("an answer came: \(response.status)")
        } catch let error as HTTPClientError {
            return error
        } catch {
            Issue.record(error)
        }
        return nil
    }
}
