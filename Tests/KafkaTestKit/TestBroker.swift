import Foundation
package import Kafka

/// The brokers that a conformance suite runs against.
package enum TestBroker: String, CaseIterable, Sendable, CustomStringConvertible {
    /// The one inside the process.
    case embedded
    /// Apache Kafka, where `KAFKA_HOME` is set.
    case apacheKafka

    /// Those that can run here.
    package static var available: [TestBroker] { ApacheKafka.home == nil ? [.embedded] : [.embedded, .apacheKafka] }

    /// Its name in test reports.
    package var description: String { rawValue }

    /// A cluster to use: a new embedded one, or the one real cluster that all tests of the process share, where only
    /// topics and groups with names of their own may be touched.
    @BlockingActor
    package func start() async throws -> TestCluster {
        switch self {
        case .embedded:
            let cluster = try EmbeddedCluster()
            return TestCluster(configuration: cluster.configuration, owner: cluster) { name, partitions, _ in
                try cluster.createTopic(name, partitions: partitions)
            }
        case .apacheKafka:
            return TestCluster(try await Self.shared.value)
        }
    }

    private static let shared = Task { try await ApacheKafka() }
}

/// A running cluster and how to make topics there.
package struct TestCluster: Sendable {
    /// The configuration of a client; may be changed.
    package var configuration: KafkaConfiguration
    private let owner: any Sendable
    private let create: @Sendable (String, Int, [String: String]) throws -> Void

    init(
        configuration: KafkaConfiguration, owner: any Sendable,
        create: @escaping @Sendable (String, Int, [String: String]) throws -> Void
    ) {
        self.configuration = configuration
        self.owner = owner
        self.create = create
    }

    /// A real cluster, kept running by this value.
    package init(_ kafka: ApacheKafka) {
        self.init(configuration: kafka.configuration, owner: kafka) { name, partitions, settings in
            let admin = try AdminClient(kafka.configuration)
            try admin.createTopics(
                [NewTopic(name, partitions: partitions, settings: settings)], timeoutMilliseconds: 30_000)
        }
    }

    /// Makes a topic with a name of its own, which is given back. An embedded cluster ignores the settings.
    package func makeTopic(
        _ prefix: String = "test", partitions: Int = 1, settings: [String: String] = [:]
    ) throws -> String {
        let name = Self.uniqueName(prefix)
        try create(name, partitions, settings)
        return name
    }

    /// A name that no other test has.
    package static func uniqueName(_ prefix: String) -> String {
        "\(prefix).\(UUID().uuidString.lowercased().prefix(8))"
    }
}
