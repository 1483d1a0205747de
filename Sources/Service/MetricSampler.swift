package import Telemetry
package import Warehouse

/// Asks the warehouse and Kafka every few seconds for what metrics tell of them, so that a scrape waits for neither.
package struct MetricSampler: Sendable {
    /// How long a figure is told at most before it is asked for again.
    package static let milliseconds = 5_000

    private let metrics: PipelineMetrics
    private let clock: ServiceClock
    private let logger: Logger
    private let facts: @Sendable () async throws -> PipelineFacts
    private let lag: (@Sendable () async throws -> [PartitionLag])?

    /// - Parameters:
    ///   - facts: asks the warehouse.
    ///   - lag: asks Kafka; nil where there is none to ask.
    package init(
        _ metrics: PipelineMetrics, clock: ServiceClock, logger: Logger,
        facts: @escaping @Sendable () async throws -> PipelineFacts,
        lag: (@Sendable () async throws -> [PartitionLag])?
    ) {
        self.metrics = metrics
        self.clock = clock
        self.logger = logger
        self.facts = facts
        self.lag = lag
    }

    /// Asks until the task is cancelled. What does not answer is told no more until it does.
    ///
    /// - Throws: `CancellationError`.
    package func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await sample("warehouse", facts) { metrics.set($0, now: clock.now()) }
            }
            if let lag { group.addTask { try await sample("Kafka", lag) { metrics.set($0) } } }
            try await group.next()
        }
    }

    private func sample<Answer>(
        _ what: String, _ ask: @Sendable () async throws -> Answer, _ tell: (Answer?) -> Void
    ) async throws {
        var answers = true
        while true {
            do {
                tell(try await ask())
                answers = true
            } catch {
                try Task.checkCancellation()
                tell(nil)
                if answers {
                    logger.warning(
                        "metrics are incomplete",
                        [("without", .text(what)), ("reason", LogValue(describing: String(describing: error)))])
                }
                answers = false
            }
            try await clock.sleep(MetricSampler.milliseconds)
        }
    }
}
