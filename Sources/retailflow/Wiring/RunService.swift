import Configuration
import Foundation
import HTTPServer
import Kafka
import Serve
import Service
import Telemetry
import Warehouse

/// The parts of `run`, wired together.
struct RunService: Sendable {
    /// How long the parts may take to end, so that the process has ended within ten seconds.
    private static let graceMilliseconds = 9_500

    private let context: CommandContext
    private let deployment: Deployment
    private let parts: Set<RunOptions.Part>
    private let registry = MetricRegistry()
    private let metrics: PipelineMetrics
    private let clock = ServiceClock.system

    init(_ context: CommandContext, _ parts: Set<RunOptions.Part>) {
        metrics = PipelineMetrics(registry)
        var context = context
        context.metrics = metrics
        self.context = context
        self.parts = parts
        deployment = Deployment(context)
    }

    /// Runs until the task is cancelled, or a part stops.
    ///
    /// - Throws: what stopped a part; `ConfigurationError` and `HTTPServerError` before any begins.
    func run() async throws {
        let warehouse = SharedWarehouse(deployment)
        // What is wrong in the settings is told before anything begins.
        var all: [ServicePart] = []
        if parts.contains(.extract) { all.append(try ExtractPart(deployment, warehouse, clock).part) }
        if parts.contains(.ingest) { all.append(try IngestPart(deployment, warehouse).part) }
        if parts.contains(.batch) { all.append(try BatchPart(context, warehouse, clock).part) }
        if parts.contains(.serve) { all.append(sampling(warehouse)) }
        let names = all.map(\.name)
        let board = PartBoard(names, clock: clock.now)
        let server = try parts.contains(.serve) ? listen(board) : nil
        // Last of all: who asks while the service ends is told so.
        defer { server?.stop() }
        deployment.logger.info(
            "service begins",
            [("parts", .text(names.joined(separator: " "))), ("address", LogValue(server?.baseURL))])
        let logger = deployment.logger
        let supervisor = Supervisor(
            board: board, clock: clock, logger: logger, isOutage: isOutage,
            graceMilliseconds: RunService.graceMilliseconds,
            isOverdue: { late, cause in
                logger.error(
                    "cut off",
                    [
                        ("parts", .text(late.joined(separator: " "))),
                        ("meaning", "not finished in time; what was not committed is done again by the next process"),
                    ])
                _exit((cause.map { ($0 as? any CommandFailure)?.exitCode ?? .bug } ?? .tryAgain).rawValue)
            })
        try await supervisor.run(all)
        logger.info("service ended")
    }

    private func listen(_ board: PartBoard) throws -> HTTPServer {
        let address = context.settings.serve.address
        return try HTTPServer(address: address.host, port: address.port, board: board, registry: registry)
    }

    /// The server answers on threads of its own; what its metrics tell of the warehouse and of Kafka is asked here.
    private func sampling(_ warehouse: SharedWarehouse) -> ServicePart {
        let facts: @Sendable () async throws -> PipelineFacts = {
            try await warehouse.ask { try $0.pipelineFactsReader().read() }
        }
        var lag: (@Sendable () async throws -> [PartitionLag])?
        if let cluster = try? deployment.servers(for: "run") {
            let group = GroupLag(cluster, group: context.settings.kafka.group, topic: context.settings.kafka.salesTopic)
            lag = { try await group.read() }
        }
        let sampler = MetricSampler(metrics, clock: clock, logger: deployment.logger, facts: facts, lag: lag)
        return ServicePart(RunOptions.Part.serve.rawValue) { status in
            status.set(.works)
            try await sampler.run()
        }
    }
}
