/// Options of `run`.
struct RunOptions: Hashable, Sendable {
    /// A part of the service.
    enum Part: String, CaseIterable, Sendable {
        /// Sales from the API to Kafka.
        case extract
        /// Kafka to the warehouse.
        case ingest
        /// The catalogues and the mart, by their schedules.
        case batch
        /// Health and metrics by HTTP.
        case serve
    }

    /// What this process does; never empty.
    var parts: Set<Part> = Set(Part.allCases)
}
