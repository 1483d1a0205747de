import HTTPClient
import HTTPServer
import Testing

@Suite("Redirects", .timeLimit(.minutes(1)))
struct RedirectTests {
    @Test("A redirect on the same origin is followed, with the headers", arguments: [301, 302, 303, 307, 308])
    func sameOrigin(status: Int) async throws {
        let server = try HTTPServer { request in
            if request.path == "/old" {
                return HTTPServerResponse(status: status, headers: [(name: "Location", value: "/new?page=2")])
            }
            return .text(
                "\(request.path) \(request.query(named: "page") ?? "") \(request.header(named: "X-API-Key") ?? "")")
        }
        let response = try await HTTPClient().get("\(server.baseURL)/old", headers: [("X-API-Key", "abc")])
        #expect(String(decoding: response.body, as: UTF8.self) == "/new 2 abc")
    }

    @Test("A redirect to another origin is refused before the key goes there")
    func otherOrigin() async throws {
        let visits = Counter()
        let other = try HTTPServer { _ in
            visits.increment()
            return .text("")
        }
        let target = "\(other.baseURL)/?api_key=abc"
        let server = try HTTPServer { _ in
            HTTPServerResponse(status: 302, headers: [(name: "Location", value: target)])
        }
        await #expect {
            try await HTTPClient().get(server.baseURL, headers: [("X-API-Key", "abc")])
        } throws: { error in
            let error = error as? HTTPClientError
            return error?.code == .redirectRefused && error?.isRetriable == false
                && error?.description.contains("api_key=abc") == false
        }
        #expect(visits.value == 0)
    }

    @Test("A circle of redirects ends")
    func circle() async throws {
        let server = try HTTPServer { _ in
            HTTPServerResponse(status: 302, headers: [(name: "Location", value: "/again")])
        }
        await #expect {
            try await HTTPClient().get(server.baseURL)
        } throws: {
            ($0 as? HTTPClientError)?.code == .redirectRefused
        }
    }

    @Test("A redirect that names no address is an answer")
    func withoutLocation() async throws {
        let server = try HTTPServer { _ in .text("", status: 302) }
        let response = try await HTTPClient().get(server.baseURL)
        #expect(response.status == 302)
    }
}
