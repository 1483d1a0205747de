package import HTTPServer
package import Service
package import Telemetry

/// Answers who looks after the service: whether the process lives, whether its parts work, what they have done.
///
/// - `GET /healthz`: 200 as long as the process answers at all.
/// - `GET /readyz`: 200 when every part works, else 503; a JSON object either way, with `ready` and, for each part, its
///   `state`, `since` when, and the `reason` why it does not work.
/// - `GET /metrics`: Prometheus' text format 0.0.4.
package struct ServiceEndpoints: Sendable {
    private let board: PartBoard
    private let registry: MetricRegistry

    /// Makes the endpoints of a service.
    package init(_ board: PartBoard, _ registry: MetricRegistry) {
        self.board = board
        self.registry = registry
    }

    /// Answers one request; for the server's handler, on whatever thread.
    package func answer(_ request: HTTPRequest) -> HTTPServerResponse {
        let page: () -> HTTPServerResponse
        switch request.path {
        case "/healthz": page = { .text("ok\n") }
        case "/readyz": page = ready
        case "/metrics": page = metrics
        default: return .text("There is no such page; try /healthz, /readyz, /metrics.\n", status: 404)
        }
        // The server leaves the body of an answer to HEAD away.
        guard request.method == "GET" || request.method == "HEAD" else {
            var refusal = HTTPServerResponse.text("Only GET and HEAD.\n", status: 405)
            refusal.headers.append((name: "Allow", value: "GET, HEAD"))
            return refusal
        }
        var response = page()
        response.headers.append((name: "Cache-Control", value: "no-store"))
        return response
    }

    private func metrics() -> HTTPServerResponse {
        HTTPServerResponse(contentType: MetricRegistry.contentType, body: Array(registry.text.utf8))
    }

    private func ready() -> HTTPServerResponse {
        let entries = board.entries
        let isReady = entries.allSatisfy { $0.state == .working }
        var body = "{\"ready\":\(isReady),\"parts\":["
        for (index, entry) in entries.enumerated() {
            if index > 0 { body += "," }
            body += "{\"part\":"
            JSONEscape.append(entry.part, to: &body)
            body += ",\"state\":\"\(entry.state.word)\",\"since\":\"\(Timestamp.text(microseconds: entry.since))\""
            if let reason = entry.state.reason {
                body += ",\"reason\":"
                JSONEscape.append(reason, to: &body)
            }
            body += "}"
        }
        return .json(Array((body + "]}\n").utf8), status: isReady ? 200 : 503)
    }
}
