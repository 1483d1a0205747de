import Kafka
import KafkaTestKit
import Testing

@testable import retailflow

/// A place of its own on the shared cluster: names of topics, a group, and a directory with a warehouse.
struct KafkaPlace: Sendable {
    let cluster: TestCluster
    let directory: TemporaryDirectory
    let sales = TestCluster.uniqueName("sales")
    let state = TestCluster.uniqueName("state")
    let group = TestCluster.uniqueName("group")

    init() async throws {
        cluster = try await TestBroker.apacheKafka.start()
        directory = try TemporaryDirectory()
    }

    var warehouse: String { "\(directory.path)/shop" }

    /// Makes both topics; when this returns each partition has a leader.
    @BlockingActor
    func makeTopics(partitions: Int, settings: [String: String] = [:]) throws {
        let admin = try AdminClient(cluster.configuration)
        try admin.createTopics(
            [
                NewTopic(sales, partitions: partitions, settings: settings),
                NewTopic(state, partitions: 1, settings: ["cleanup.policy": "compact"]),
            ], timeoutMilliseconds: 30_000)
        // A topic just made is led by nobody for a moment.
        let deadline = ContinuousClock.now + .seconds(30)
        for (topic, count) in [(sales, partitions), (state, 1)] {
            for number in 0..<Int32(count) {
                let partition = TopicPartition(topic: topic, partition: number)
                while (try? admin.watermarks(of: partition, timeoutMilliseconds: 1_000)) == nil {
                    try #require(ContinuousClock.now < deadline)
                }
            }
        }
    }

    /// Runs a command here; `settings` as for `--set`, `servers` instead of the cluster's.
    func run(
        _ words: [String], settings: [String] = [], servers: String? = nil,
        onError: @escaping @Sendable (String) -> Void = { _ in }
    ) async -> Program {
        let all =
            [
                "kafka.bootstrap_servers=\(servers ?? cluster.configuration.bootstrapServers)",
                "kafka.sales_topic=\(sales)", "kafka.state_topic=\(state)", "kafka.group=\(group)",
                "warehouse.url=sqlite:\(warehouse)",
            ] + settings
        return await Program.run(
            words + all.flatMap { ["--set", $0] }, environment: ["RETAILFLOW_API_KEY": "key"], onError: onError)
    }
}
