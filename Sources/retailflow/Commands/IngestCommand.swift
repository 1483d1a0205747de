import Configuration
import Ingest
import Kafka
import Retail
import Telemetry
import Warehouse

/// `retailflow ingest`: Kafka to raw and ods.
struct IngestCommand: CommandAction {
    let options: IngestOptions

    func run(_ context: CommandContext) async throws -> ExitCode {
        let deployment = Deployment(context)
        let settings = context.settings
        let cluster = try deployment.cluster(for: "ingest")
        try deployment.requireTopics([settings.kafka.salesTopic], on: cluster)
        let warehouse = try deployment.warehouse()
        let progress = context.progress("ingest")
        defer { progress.finish() }
        let service = IngestService(
            try configuration(settings, cluster: AdminClient(cluster).clusterID(timeoutMilliseconds: 15_000)),
            cluster: cluster, group: settings.kafka.group, instanceID: settings.ingest.instanceID,
            warehouse: warehouse, timeZone: try deployment.timeZone(), logger: context.logger,
            onBatch: { progress.add(sales: $0.records) })
        let report = try await recorded(
            "ingest", in: SQLiteRunLedger(warehouse), logger: context.logger, counts: JSONValue.init
        ) { try await service.run() }
        progress.finish()
        try context.write(json: JSONValue(report), text: report.summary)
        return .done
    }

    private func configuration(_ settings: Settings, cluster: String) -> IngestConfiguration {
        var configuration = IngestConfiguration(
            topic: settings.kafka.salesTopic, mode: options.follows ? .follow : .untilEnd, cluster: cluster)
        configuration.apply(settings.ingest)
        configuration.startsNewLog = options.acceptsNewLog
        configuration.acceptsLoss = options.acceptsLoss
        configuration.acceptsRejects = options.acceptsRejects
        return configuration
    }
}

extension IngestConfiguration {
    mutating func apply(_ settings: Settings.Ingest) {
        batchRecords = settings.batchRecords
        batchMilliseconds = settings.batchMilliseconds
        idleMilliseconds = settings.idleMilliseconds
        rejectPercentMax = settings.rejectPercentMax
        consecutiveRejectsMax = settings.consecutiveRejectsMax
    }
}
