/// How a log line looks.
package enum LogFormat: String, CaseIterable, Sendable {
    /// `2026-11-21T12:00:00.000Z INFO    batch written rows=5000 topic=retail.sales.v1`, for people.
    case text
    /// One JSON object a line, for machines.
    case json
}
