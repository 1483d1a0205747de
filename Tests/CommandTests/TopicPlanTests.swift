@testable import Configuration
import Testing
@testable import retailflow

struct TopicPlanTests {
    private func declared(
        partitions: Int = 4, replicas: Int? = nil, retention: TopicDeclaration.Retention? = .milliseconds(1_000),
        configs: [String: String] = [:]
    ) -> TopicDeclaration {
        TopicDeclaration(
            name: "sales", partitions: partitions, replicationFactor: replicas, retention: retention,
            cleanupPolicy: .delete, configs: configs,
            valueSchema: ValueSchema(format: "json", version: 1, meaning: "", fields: []), file: "sales.yaml")
    }

    private func present(
        partitions: Int = 4, replicas: Int = 1, _ configs: [String: String] = [:]
    ) -> TopicPlan.Present {
        TopicPlan.Present(
            partitions: partitions, replicationFactor: replicas,
            configs: ["cleanup.policy": "delete", "retention.ms": "1000", "min.insync.replicas": "1"]
                .merging(configs) { _, given in given })
    }

    private func actions(_ declared: TopicDeclaration, _ present: TopicPlan.Present?) -> [TopicPlan.Action] {
        let changes = TopicPlan(declared: declared, present: present).changes
        #expect(changes.allSatisfy { $0.topic == "sales" })
        return changes.map(\.action)
    }

    @Test("A topic that is as declared needs nothing, whatever else it has")
    func nothing() {
        #expect(actions(declared(), present()).isEmpty)
        #expect(actions(declared(replicas: 3), present(replicas: 3)).isEmpty)
        #expect(actions(declared(), present(replicas: 3, ["compression.type": "zstd"])).isEmpty)
    }

    @Test("A missing topic is created with all that is declared")
    func create() {
        #expect(
            actions(declared(replicas: 3, configs: ["message.timestamp.type": "CreateTime"]), nil) == [
                .create(
                    partitions: 4, replicationFactor: 3,
                    configs: [
                        "cleanup.policy": "delete", "retention.ms": "1000", "message.timestamp.type": "CreateTime",
                    ])
            ])
    }

    // Catches a plan that would lower partitions, which Kafka refuses, or pass over what it can't do.
    @Test("Partitions are raised; what Kafka can't change is told")
    func partitions() {
        #expect(actions(declared(partitions: 6), present()) == [.raisePartitions(from: 4, to: 6)])
        let fewer = actions(declared(partitions: 2), present())
        #expect(fewer.count == 1)
        #expect(fewer.first?.description.contains("has 4 partitions, 2 are declared") == true)
        let replicas = actions(declared(replicas: 3), present())
        #expect(replicas.first?.description.contains("has 1 replicas, 3 are declared") == true)
    }

    @Test("Configs that differ are set, in the order of their names")
    func configs() {
        #expect(
            actions(
                declared(retention: .unlimited, configs: ["segment.ms": "5", "compression.type": "lz4"]), present())
                == [
                    .setConfig(name: "compression.type", from: nil, to: "lz4"),
                    .setConfig(name: "retention.ms", from: "1000", to: "-1"),
                    .setConfig(name: "segment.ms", from: nil, to: "5"),
                ])
        #expect(
            actions(declared(retention: nil), present(["retention.ms": "7"])).isEmpty)
    }
}
