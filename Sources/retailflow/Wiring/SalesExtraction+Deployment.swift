import Configuration
import Service
import Extract
import Kafka
import Retail
import RetailAPI
import Telemetry
import Warehouse

extension Deployment {
    /// The extraction of sales, as `extract` and `run` make it.
    ///
    /// - Parameters:
    ///   - waits: asks first whether Kafka answers at all, because it is waited for.
    ///   - didPublish: told of each transaction committed.
    ///   - didChange: told what is waited for.
    func salesExtraction(
        _ configuration: ExtractConfiguration, api: RetailAPIClient, cluster: KafkaConfiguration,
        warehouse: any WarehousePorts, waits: Bool,
        didPublish: @escaping @Sendable (_ pages: Int, _ records: Int) -> Void,
        didChange: @escaping @Sendable (Health) -> Void = { _ in }
    ) throws -> SalesExtraction {
        let (deployment, ledger) = (self, ledger(warehouse))
        let topics = [settings.kafka.salesTopic, settings.kafka.stateTopic]
        return SalesExtraction(
            configuration, cluster: cluster, api: api, clock: .system, known: warehouse.knownSales(),
            timeZone: try timeZone(), logger: logger,
            willBegin: {
                try deployment.requireTopics(topics, on: cluster, probing: waits)
                return try deployment.recordBytesMax(of: configuration.topic, on: cluster)
            },
            didPublish: { pages, records in
                deployment.metrics?.didExtract(records, from: "sales")
                didPublish(pages, records)
            },
            didResweep: { await noted($0, in: ledger, logger: deployment.logger) }, didChange: didChange)
    }
}
