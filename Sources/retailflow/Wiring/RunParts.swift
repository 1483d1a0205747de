import Configuration
import Extract
import Ingest
import Kafka
import Retail
import RetailAPI
import Service
import Telemetry
import Warehouse

/// Extraction of sales as a part of the service: it follows, or runs by `extract.schedule`.
struct ExtractPart: Sendable {
    private let deployment: Deployment
    private let warehouse: SharedWarehouse
    private let clock: ServiceClock
    private let api: RetailAPIClient
    private let cluster: KafkaConfiguration
    private let timeZone: RetailTimeZone

    /// - Throws: `ConfigurationError`.
    init(_ deployment: Deployment, _ warehouse: SharedWarehouse, _ clock: ServiceClock) throws {
        self.deployment = deployment
        self.warehouse = warehouse
        self.clock = clock
        // What is waited for is told once, by extraction.
        api = try deployment.api(retryLevel: deployment.settings.extract.schedule == nil ? .info : .warning)
        cluster = try deployment.servers(for: "run")
        timeZone = try deployment.timeZone()
    }

    var part: ServicePart {
        ServicePart(RunOptions.Part.extract.rawValue) { status in
            guard let schedule = deployment.settings.extract.schedule else {
                return try await extract(follows: true, status)
            }
            // Extractors need no lock: the later one fences the other.
            let job = ScheduledJob(
                "extract", schedule: schedule, lastStart: { try await warehouse.lastStart(of: ExtractPart.run) },
                lock: { true }, work: { try await extract(follows: false, status) })
            try await ScheduleRunner(
                [job], timetable: Timetable(timeZone), clock: clock, logger: deployment.logger, isOutage: isOutage
            ).run(status)
        }
    }

    /// The name in the book of runs.
    private static let run = "extract sales"

    private func extract(follows: Bool, _ status: PartStatus) async throws {
        let warehouse = try await warehouse.open()
        let configuration = ExtractConfiguration(
            deployment.settings, start: nil, follows: follows, now: deployment.clock(), timeZone: timeZone)
        let extraction = try deployment.salesExtraction(
            configuration, api: api, cluster: cluster, warehouse: warehouse, waits: true, didPublish: { _, _ in },
            didChange: { if follows { status.set($0) } })
        let report = try await recorded(
            ExtractPart.run, in: deployment.ledger(warehouse), logger: deployment.logger, counts: JSONValue.init
        ) { try await extraction.run() }
        deployment.logger.info("extracted", [("result", .text(report.summary))])
    }
}

/// Ingestion as a part of the service.
struct IngestPart: Sendable {
    private let deployment: Deployment
    private let warehouse: SharedWarehouse
    private let cluster: KafkaConfiguration
    private let timeZone: RetailTimeZone

    /// - Throws: `ConfigurationError`.
    init(_ deployment: Deployment, _ warehouse: SharedWarehouse) throws {
        self.deployment = deployment
        self.warehouse = warehouse
        cluster = try deployment.servers(for: "run")
        timeZone = try deployment.timeZone()
    }

    var part: ServicePart {
        ServicePart(RunOptions.Part.ingest.rawValue) { try await ingest($0) }
    }

    private func ingest(_ status: PartStatus) async throws {
        let settings = deployment.settings
        let topic = settings.kafka.salesTopic
        let (deployment, cluster) = (deployment, cluster)
        let setup = SerialWorker(label: "retailflow.ingest.setup", state: ())
        let (clusterID, partitions) = try await setup.performAbandoning { _ in
            let partitions = try deployment.requireTopics([topic], on: cluster, probing: true)[topic]
            return (try AdminClient(cluster).clusterID(timeoutMilliseconds: 15_000), partitions)
        }
        let warehouse = try await warehouse.open()
        var configuration = IngestConfiguration(topic: topic, mode: .follow, cluster: clusterID)
        configuration.apply(settings.ingest)
        configuration.partitions = partitions
        let metrics = deployment.metrics
        let service = IngestService(
            configuration, cluster: cluster, group: settings.kafka.group, instanceID: settings.ingest.instanceID,
            warehouse: warehouse, timeZone: timeZone, logger: deployment.logger,
            onBatch: { batch in
                metrics?.didIngest(
                    topic: topic, partitions: batch.partitions,
                    refusals: batch.refusals.reduce(into: [:]) { $0[$1.key.rawValue] = $1.value })
            },
            didChange: status.set)
        let report = try await recorded(
            "ingest", in: deployment.ledger(warehouse), logger: deployment.logger, counts: JSONValue.init
        ) { try await service.run() }
        deployment.logger.info("ingested", [("result", .text(report.summary))])
    }
}

/// The batches as a part of the service, by their schedules.
struct BatchPart: Sendable {
    private let context: CommandContext
    private let deployment: Deployment
    private let warehouse: SharedWarehouse
    private let clock: ServiceClock
    private let timeZone: RetailTimeZone

    /// - Throws: `ConfigurationError`.
    init(_ context: CommandContext, _ warehouse: SharedWarehouse, _ clock: ServiceClock) throws {
        deployment = Deployment(context)
        let logger = deployment.logger
        // What a batch would print goes to the log.
        self.context = CommandContext(
            settings: context.settings, logger: logger,
            output: OutputWriter { text in logger.info("batch done", [("result", .text(String(text.dropLast())))]) },
            statusStream: nil, isTerminal: false, isJSON: true, metrics: context.metrics)
        self.warehouse = warehouse
        self.clock = clock
        timeZone = try deployment.timeZone()
        if context.settings.batch.catalogueSchedule != nil { _ = try deployment.api() }
    }

    var part: ServicePart {
        ServicePart(RunOptions.Part.batch.rawValue) { status in
            // Said now, not when the first batch is due.
            _ = try await warehouse.ask { try $0.martStore() }
            // The catalogue first: what it brings belongs in the mart, which is built by the same batch.
            let settings = deployment.settings.batch
            let jobs = [
                job("catalogue", settings.catalogueSchedule, run: "reconcile", Set(BatchOptions.Part.allCases)),
                job("mart", settings.martSchedule, run: "rebuild", [.rebuild, .balance]),
            ]
            try await ScheduleRunner(
                jobs.compactMap(\.self), timetable: Timetable(timeZone), clock: clock, logger: deployment.logger,
                isOutage: isOutage
            ).run(status)
        }
    }

    /// - Parameter run: the name in the book of runs by which it is known that the job was done.
    private func job(
        _ name: String, _ schedule: CronSchedule?, run: String, _ parts: Set<BatchOptions.Part>
    ) -> ScheduledJob? {
        schedule.map { schedule in
            ScheduledJob(
                name, schedule: schedule, lastStart: { try await warehouse.lastStart(of: run) },
                lock: { try await warehouse.lockBatches() },
                work: {
                    let command = BatchCommand(options: BatchOptions(parts: parts))
                    _ = try await command.run(context, try await warehouse.open())
                })
        }
    }
}

extension SharedWarehouse {
    fileprivate func lastStart(of run: String) async throws -> Int64? {
        try await ask { try $0.runLedger().lastStart(of: run) }
    }

    /// nil: another batch is at work.
    fileprivate func lockBatches() async throws -> (any Sendable)? {
        try await ask { warehouse in
            do {
                return try warehouse.lockBatches()
            } catch let error as WarehouseError {
                guard error.code == .busy else { throw error }
                return nil
            }
        }
    }
}
