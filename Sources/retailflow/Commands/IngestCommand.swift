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
        let (cluster, clusterID, partitions) = try await brokers(deployment)
        let warehouse = try deployment.warehouse()
        let progress = context.progress(
            "ingest", total: context.statusStream == nil ? nil : recordsAhead(cluster, settings))
        defer { progress.finish() }
        let service = IngestService(
            configuration(settings, cluster: clusterID, partitions: partitions),
            cluster: cluster, group: settings.kafka.group, instanceID: settings.ingest.instanceID,
            warehouse: warehouse, timeZone: try deployment.timeZone(), logger: context.logger,
            onBatch: { progress.add(sales: $0.records) })
        let report = try await recorded(
            "ingest", in: warehouse.runLedger(), logger: context.logger, counts: JSONValue.init
        ) {
            let report = try await service.run()
            // A script that asked for all there is must not take a part of it for that.
            guard options.follows || report.reachedEnd else { throw CancellationError() }
            return report
        }
        progress.finish()
        try context.write(json: JSONValue(report), text: report.summary)
        return .done
    }

    /// The cluster, its id, and how many partitions the topic has. A follower waits for brokers that do not answer yet, a run to the end does not.
    private func brokers(_ deployment: Deployment) async throws -> (KafkaConfiguration, id: String, partitions: Int?) {
        var pauseSeconds = 1
        while true {
            do {
                let cluster = try await deployment.cluster(for: "ingest")
                let topic = deployment.settings.kafka.salesTopic
                let partitions = try deployment.requireTopics([topic], on: cluster)[topic]
                return (cluster, try AdminClient(cluster).clusterID(timeoutMilliseconds: 15_000), partitions)
            } catch {
                guard options.follows, let error = error as? KafkaError, error.disposition == .retriable else {
                    throw error
                }
                deployment.logger.warning(
                    "waiting", [("for", "kafka"), ("reason", LogValue(describing: error))])
            }
            try await Task.sleep(for: .seconds(pauseSeconds))
            pauseSeconds = min(2 * pauseSeconds, 300)
        }
    }

    /// About how many records there are to read, for the progress line: markers of transactions are counted too. What
    /// can't be asked now is no reason to stop; the line then tells no time left.
    private func recordsAhead(_ cluster: KafkaConfiguration, _ settings: Settings) -> Int64? {
        guard !options.follows else { return nil }
        let topic = settings.kafka.salesTopic
        guard let admin = try? AdminClient(cluster),
            let committed = try? admin.groupOffsets(settings.kafka.group, timeoutMilliseconds: 5_000),
            let description = try? admin.describeTopics([topic], timeoutMilliseconds: 5_000)[topic]
        else { return nil }
        var ahead: Int64 = 0
        for partition in description.partitions.map({ TopicPartition(topic: topic, partition: $0.partition) }) {
            guard let offsets = try? admin.watermarks(of: partition, timeoutMilliseconds: 5_000) else { return nil }
            ahead += offsets.upperBound - max(committed[partition] ?? 0, offsets.lowerBound)
        }
        return ahead
    }

    private func configuration(
        _ settings: Settings, cluster: String, partitions: Int?
    ) -> IngestConfiguration {
        var configuration = IngestConfiguration(
            topic: settings.kafka.salesTopic, mode: options.follows ? .follow : .untilEnd, cluster: cluster)
        configuration.apply(settings.ingest)
        configuration.partitions = partitions
        configuration.acceptsNewLog = options.acceptsNewLog
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
