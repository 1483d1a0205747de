internal import FaultPoints
package import Kafka
package import Retail
package import RetailAPI
package import Telemetry
package import Warehouse

/// Extraction of sales: pages of the API become records of the topic, with the cursor committed beside them.
package struct SalesExtraction: Sendable {
    let configuration: ExtractConfiguration
    let cluster: KafkaConfiguration
    let api: RetailAPIClient
    let clock: APIClock
    let known: (any KnownSales)?
    let timeZone: RetailTimeZone
    let logger: Logger
    let willBegin: @Sendable () throws -> Int?
    let willPublish: @Sendable (_ bytes: Int) async throws -> Void
    let didPublish: @Sendable (_ pages: Int, _ records: Int) -> Void
    let didResweep: @Sendable (ResweepReport) async -> Void
    let didChange: @Sendable (Health) -> Void

    /// - Parameters:
    ///   - known: the warehouse, to tell what it holds already; nil where there is none at hand.
    ///   - willBegin: looks whether Kafka has what is needed, each time that a producer is made, and tells the largest
    ///     record of the topic in bytes, nil when that is not known; may block.
    ///   - willPublish: waits until so many bytes may be published.
    ///   - didPublish: told of each transaction committed.
    ///   - didResweep: told of each re-sweep that has come to its end.
    ///   - didChange: told, while following, what is waited for, and that the API and Kafka answer again.
    package init(
        _ configuration: ExtractConfiguration, cluster: KafkaConfiguration, api: RetailAPIClient, clock: APIClock,
        known: (any KnownSales)?, timeZone: RetailTimeZone, logger: Logger,
        willBegin: @escaping @Sendable () throws -> Int? = { nil },
        willPublish: @escaping @Sendable (_ bytes: Int) async throws -> Void = { _ in },
        didPublish: @escaping @Sendable (_ pages: Int, _ records: Int) -> Void = { _, _ in },
        didResweep: @escaping @Sendable (ResweepReport) async -> Void = { _ in },
        didChange: @escaping @Sendable (Health) -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.cluster = cluster
        self.api = api
        self.clock = clock
        self.known = known
        self.timeZone = timeZone
        self.logger = logger
        self.willBegin = willBegin
        self.willPublish = willPublish
        self.didPublish = didPublish
        self.didResweep = didResweep
        self.didChange = didChange
    }

    /// Extracts until the end is reached and confirmed; while following, until the task is cancelled. What was
    /// fetched before an error or a cancellation is published first, unless Kafka does not answer.
    ///
    /// While following, an API, a Kafka or a warehouse that does not answer or refuses is waited for. When it is Kafka,
    /// all begins anew from the cursor, with another producer: only the cursor can tell what was committed.
    ///
    /// - Throws: `RetailAPIError`, `KafkaError`, `ExtractError`, `WarehouseError`, `CancellationError`, and what
    ///   `willBegin` throws.
    package func run() async throws -> ExtractReport {
        let stop = StopFlag()
        return try await withTaskCancellationHandler {
            var memory = SessionMemory(
                wait: OutageWait(
                    firstMilliseconds: configuration.backoffMilliseconds, clock: clock, logger: logger,
                    didChange: didChange))
            while true {
                do {
                    return try await session(&memory, stop)
                } catch {
                    try Task.checkCancellation()
                    guard let outage = Outage(error), mayBeginAnew(after: error, memory) else { throw error }
                    memory.sessions += 1
                    try await memory.wait.wait(for: outage)
                }
            }
        } onCancel: {
            stop.set()
        }
    }

    /// A one-shot run begins anew only when its producer is of no use any more, and not for ever.
    private func mayBeginAnew(after error: any Error, _ memory: SessionMemory) -> Bool {
        if configuration.follows { return true }
        let isProducerLost =
            (error as? ExtractError)?.code == .transactionExpired || (error as? KafkaError)?.disposition == .fatal
        return isProducerLost && memory.sessions < 3
    }
}
