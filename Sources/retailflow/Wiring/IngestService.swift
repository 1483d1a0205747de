import Ingest
import Kafka
import Retail
import Telemetry
import Warehouse

/// Ingestion on a thread of its own, ended in order when its task is cancelled.
struct IngestService: Sendable {
    /// The embedded broker's clusters are named so: each start of it is another log.
    static let embeddedClusterPrefix = "embedded-"

    private let configuration: IngestConfiguration
    private let consumer: ConsumerConfiguration
    private let warehouse: any WarehousePorts
    private let timeZone: RetailTimeZone
    private let logger: Logger
    private let onBatch: @Sendable (BatchReport) -> Void
    private let didChange: @Sendable (Health) -> Void

    init(
        _ configuration: IngestConfiguration, cluster: KafkaConfiguration, group: String, instanceID: String?,
        warehouse: any WarehousePorts, timeZone: RetailTimeZone, logger: Logger,
        onBatch: @escaping @Sendable (BatchReport) -> Void, didChange: @escaping @Sendable (Health) -> Void = { _ in }
    ) {
        self.configuration = configuration
        consumer = ConsumerConfiguration(cluster, group: group, groupInstanceID: instanceID)
        self.warehouse = warehouse
        self.timeZone = timeZone
        self.logger = logger
        self.onBatch = onBatch
        self.didChange = didChange
    }

    /// Until the end, or until the task is cancelled: then the batch in hand is finished and committed.
    func run() async throws -> IngestReport {
        let stop = StopSignal()
        let thread = SerialWorker(label: "retailflow.ingest", state: ())
        let service = self
        return try await withTaskCancellationHandler {
            try await thread.perform { _ in try service.ingest(stop) }
        } onCancel: {
            stop.stop()
        }
    }

    private func ingest(_ stop: StopSignal) throws -> IngestReport {
        let ends = try LogEnds(consumer.cluster)
        let ingestion = try Ingestion(
            configuration, writer: try warehouse.salesWriter(codeVersion: Deployment.codeVersion),
            logs: warehouse.logLedger(ephemeralClusterPrefix: IngestService.embeddedClusterPrefix),
            timeZone: timeZone, logger: logger, stop: stop,
            endOfLog: ends.range, onBatch: onBatch, didChange: didChange)
        return try ingestion.run(consumer)
    }
}
