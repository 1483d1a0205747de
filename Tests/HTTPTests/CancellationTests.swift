import Foundation
import HTTPClient
import HTTPServer
import Testing

@Suite("Cancelling requests", .timeLimit(.minutes(1)))
struct CancellationTests {
    /// A server that never answers, and a stream with one element for each request that reached it.
    private func hangingServer() throws -> (HTTPServer, AsyncStream<Void>) {
        let (arrivals, arrived) = AsyncStream.makeStream(of: Void.self)
        let server = try HTTPServer { request in
            if request.path == "/quick" { return .text("quick") }
            arrived.yield()
            return HTTPServerResponse(delivery: .hang(millisecondsMax: 60_000))
        }
        return (server, arrivals)
    }

    @Test("A cancelled request ends at once, though the server never answers")
    func cancel() async throws {
        let (server, arrivals) = try hangingServer()
        let client = HTTPClient()
        // On a connection that is open already no timer of the connecting ends libcurl's wait by chance.
        _ = try await client.get("\(server.baseURL)/quick")
        let task = Task { try await client.get(server.baseURL) }
        for await _ in arrivals { break }
        let start = ContinuousClock.now
        task.cancel()
        let result = await task.result
        // Left alone, libcurl would look up after ten seconds; the bound leaves room for a busy machine.
        #expect(ContinuousClock.now - start < .seconds(5))
        #expect(throws: HTTPClientError.self) { try result.get() }
        #expect((result.failure as? HTTPClientError)?.code == .cancelled)
    }

    @Test("A request of a task that is cancelled already is not made")
    func cancelledBefore() async throws {
        let (server, _) = try hangingServer()
        let client = HTTPClient()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await client.get(server.baseURL)
        }
        let result = await task.result
        #expect((result.failure as? HTTPClientError)?.code == .cancelled)
    }

    @Test("Requests that wait hold up neither each other nor Swift's threads")
    func waitingBlocksNothing() async throws {
        let (server, arrivals) = try hangingServer()
        let client = HTTPClient(HTTPClientConfiguration(connectionsPerHostMax: 40))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<24 { group.addTask { _ = try? await client.get(server.baseURL) } }
            var count = 0
            for await _ in arrivals {
                count += 1
                if count == 24 { break }
            }
            let response = try await client.get("\(server.baseURL)/quick")
            #expect(response.body == Array("quick".utf8))
            group.cancelAll()
        }
    }

    @Test("Two hundred requests cancelled at many moments all end, and the client goes on")
    func manyCancels() async throws {
        let server = try HTTPServer { _ in .text(String(repeating: "x", count: 50_000)) }
        let client = HTTPClient()
        for number in 0..<200 {
            let task = Task { try await client.get(server.baseURL) }
            for _ in 0..<(number * 7 % 40) { await Task.yield() }
            task.cancel()
            _ = await task.result
        }
        let response = try await client.get(server.baseURL)
        #expect(response.body.count == 50_000)
    }
}

extension Result {
    /// The error, if it is one.
    var failure: Failure? {
        if case .failure(let error) = self { error } else { nil }
    }
}
