import Configuration
import Foundation
import Kafka
import Retail
import RetailAPI
import Service
import Telemetry
import Warehouse

/// The parts of a pipeline, made from the settings: what the commands have in common.
struct Deployment: Sendable {
    let settings: Settings
    let logger: Logger
    /// Where work is counted, if it is.
    let metrics: PipelineMetrics?
    /// Microseconds of UTC.
    let clock: WallClock = SystemClock.microseconds

    init(_ context: CommandContext) {
        settings = context.settings
        logger = context.logger
        metrics = context.metrics
    }

    /// Noted with every reject: which program refused it.
    static let codeVersion = RetailFlow.version

    /// The zone of the API's local times.
    func timeZone() throws(ConfigurationError) -> RetailTimeZone {
        guard let zone = RetailTimeZone(identifier: settings.api.timeZone) else {
            throw ConfigurationError(
                .wrongType, "api.time_zone: this machine knows no zone \(settings.api.timeZone)", at: nil,
                advice: "give an IANA name such as Europe/Berlin; on Debian the zones are in the package tzdata")
        }
        return zone
    }

    /// The client of the source API, which keeps its pages where the settings say so.
    ///
    /// - Parameter retryLevel: how each failure is told that is tried again.
    func api(retryLevel: LogLevel = .warning) throws(ConfigurationError) -> RetailAPIClient {
        let secret = try settings.api.requireKey()
        guard let key = APIKey(secret.revealed) else {
            throw ConfigurationError(
                .wrongType, "the API key can't be the value of a header", at: nil,
                advice: "write the key alone, on one line")
        }
        let configuration = RetailAPIConfiguration(
            baseURL: try settings.api.requireBaseURL(), key: key, keyHeader: settings.api.keyHeader,
            pageSize: settings.api.pageSize, timeoutMilliseconds: settings.api.timeoutMilliseconds,
            retries: settings.api.retries, backoffMilliseconds: settings.api.backoffMilliseconds)
        let logger = logger
        let archive = settings.extract.archiveDirectory.map { PageArchive(directory: $0) }
        return RetailAPIClient(configuration: configuration, archive: archive) { notice in
            logger.log(
                retryLevel, "API asked again",
                [
                    ("reason", .text(notice.reason)), ("request", .text(notice.request)),
                    ("wait_milliseconds", LogValue(notice.waitMilliseconds)),
                ])
        }
    }

    /// The Kafka cluster, which is known to answer.
    ///
    /// - Throws: `ConfigurationError` when it is `embedded`; `KafkaError` when no broker answers.
    func cluster(for command: String) async throws -> KafkaConfiguration {
        let configuration = try servers(for: command)
        // The probe blocks, up to its timeout.
        let worker = SerialWorker(label: "retailflow.probe", state: ())
        return try await worker.perform { _ in
            try configuration.probe(timeoutMilliseconds: 10_000)
            return configuration
        }
    }

    /// The Kafka cluster, whether it answers or not.
    ///
    /// - Throws: `ConfigurationError` when it is `embedded`.
    func servers(for command: String) throws(ConfigurationError) -> KafkaConfiguration {
        guard case .servers(let servers) = settings.kafka.bootstrapServers else {
            throw ConfigurationError(
                .missingValue,
                "kafka.bootstrap_servers is embedded, and \(command) would talk to a broker inside its own process, which no other process can reach and which forgets all when it ends",
                at: nil,
                advice:
                    "give --set kafka.bootstrap_servers=HOST:PORT for a real Kafka, or try everything in one process: retailflow demo"
            )
        }
        return cluster(bootstrapServers: servers.joined(separator: ","))
    }

    /// The configuration of clients of a cluster, its log lines sent to ours.
    func cluster(bootstrapServers: String) -> KafkaConfiguration {
        let logger = logger
        return KafkaConfiguration(
            bootstrapServers: bootstrapServers, clientID: "retailflow", properties: settings.kafka.properties.values,
            logHandler: { line in
                logger.debug("librdkafka", [("message", .text(line.message))])
            })
    }

    /// The topics that the pipeline needs, checked to be there. Blocks.
    ///
    /// - Parameter probing: first asks whether a broker answers at all, which tells better why not.
    /// - Returns: how many partitions each has.
    @discardableResult
    func requireTopics(
        _ names: [String], on cluster: KafkaConfiguration, probing: Bool = false
    ) throws -> [String: Int] {
        if probing { try cluster.probe(timeoutMilliseconds: 10_000) }
        let present = try AdminClient(cluster).describeTopics(names, timeoutMilliseconds: 15_000)
        for name in names where present[name] == nil {
            throw MissingTopic(name: name, servers: cluster.bootstrapServers)
        }
        return present.mapValues(\.partitions.count)
    }

    /// The largest record that a topic takes; nil when we may not know.
    func recordBytesMax(of topic: String, on cluster: KafkaConfiguration) throws -> Int? {
        do {
            let settings = try AdminClient(cluster).topicSettings(of: topic, timeoutMilliseconds: 15_000)
            return settings["max.message.bytes"]?.value.flatMap { Int($0) }
        } catch {
            // Who may write to a topic may not always look at its settings.
            guard error.code == .topicNotAuthorized || error.code == .clusterNotAuthorized else { throw error }
            return nil
        }
    }
}

/// A topic that is not on the cluster.
struct MissingTopic: Error, CustomStringConvertible {
    let name: String
    let servers: String

    var description: String {
        "the topic \(name) does not exist; Kafka at \(servers); create the declared topics with: retailflow topics apply"
    }
}
