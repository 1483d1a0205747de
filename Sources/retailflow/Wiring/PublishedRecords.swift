import Batch
import Configuration
import Extract
import Kafka
import RetailAPI
import Telemetry
import Warehouse

/// What extraction says that it published, for the balance: asked of the state topic.
struct PublishedRecords {
    private static let timeoutMilliseconds = 10_000

    private let deployment: Deployment

    init(_ deployment: Deployment) { self.deployment = deployment }

    /// Balances all hours that are due. Where Kafka can't be asked the balance stays open, which is no failure.
    func balance(_ store: any BalanceStore, accepts: Bool) async throws -> BalanceOutcome {
        let kafka = deployment.settings.kafka
        guard case .servers(let servers) = kafka.bootstrapServers else {
            return BalanceOutcome(notCompared: "kafka.bootstrap_servers is embedded: no other process publishes there")
        }
        let cluster = deployment.cluster(bootstrapServers: servers.joined(separator: ","))
        do {
            let check = try check(store, cluster)
            return BalanceOutcome(report: try await check.run(accepts: accepts))
        } catch let error as KafkaError where error.exitCode == .unavailable {
            deployment.logger.warning("balance not compared", [("reason", .text("\(error)"))])
            return BalanceOutcome(notCompared: "Kafka can't be asked: \(error)")
        } catch let error as MissingTopic {
            return BalanceOutcome(notCompared: "\(error)")
        }
    }

    private func check(_ store: any BalanceStore, _ cluster: KafkaConfiguration) throws -> BalanceCheck {
        let (kafka, timeout) = (deployment.settings.kafka, PublishedRecords.timeoutMilliseconds)
        _ = try cluster.probe(timeoutMilliseconds: timeout)
        try deployment.requireTopics([kafka.salesTopic, kafka.stateTopic], on: cluster)
        let admin = try AdminClient(cluster)
        let topic = BalancedTopic(
            topic: kafka.salesTopic, cluster: try admin.clusterID(timeoutMilliseconds: timeout))
        let reader = CursorReader(cluster, topic: kafka.stateTopic)
        return BalanceCheck(store, topic: topic, clock: deployment.clock, sleep: APIClock.system.sleep) {
            // The counts first: what is published behind their reading may be beyond the ends, never the other way.
            let counts = try reader.read().published
            var ends: [Int32: Int64] = [:]
            let topics = try admin.describeTopics([topic.topic], timeoutMilliseconds: timeout)
            for partition in topics[topic.topic]?.partitions ?? [] {
                ends[partition.partition] =
                    try admin.watermarks(
                        of: TopicPartition(topic: topic.topic, partition: partition.partition),
                        timeoutMilliseconds: timeout
                    ).upperBound
            }
            return BalanceCheck.Published(
                hours: counts.mapValues { PublishedHour(records: $0.records, firstVersion: $0.firstVersion) },
                ends: ends)
        }
    }
}
