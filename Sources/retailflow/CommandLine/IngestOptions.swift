/// Options of `ingest`.
struct IngestOptions: Hashable, Sendable {
    /// Whether to go on when the end of the topic, as it was at the start, is reached.
    var follows = false
    /// Whether a range of offsets that Kafka has lost is recorded and passed over.
    var acceptsLoss = false
    /// Whether to go on after the breaker stopped ingestion.
    var acceptsRejects = false
    /// Whether to go on with a topic that was created anew.
    var acceptsNewLog = false
}
