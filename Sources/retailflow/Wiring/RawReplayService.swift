import Configuration
import Ingest
import Retail
import Telemetry
import Warehouse

/// `replay --from-raw`: reads the raw layer again into ods, without a broker.
struct RawReplayService: Sendable {
    private let deployment: Deployment
    private let target: ReplayTarget
    private let timeZone: RetailTimeZone

    init(_ deployment: Deployment, _ target: ReplayTarget, timeZone: RetailTimeZone) {
        self.deployment = deployment
        self.target = target
        self.timeZone = timeZone
    }

    func run(_ context: CommandContext, isDryRun: Bool) async throws {
        let warehouse = try deployment.warehouseWithRaw()
        let source = warehouse.replaySource()
        let thread = SerialWorker(label: "retailflow.replay", state: ())
        let service = self
        guard !isDryRun else {
            let ranges = try await thread.perform { _ in
                try service.plan(source).steps.map { step in
                    (
                        step,
                        try source.content(log: step.log, partition: step.partition, offsets: step.offsets)
                    )
                }
            }
            return try context.write(json: json(ranges), text: text(ranges))
        }
        // Held from before the look at the positions: nobody ingests meanwhile.
        let writer = try warehouse.salesWriter(codeVersion: Deployment.codeVersion)
        let plan = try await thread.perform { _ in try service.plan(source) }
        let progress = context.progress("replay", total: plan.steps.reduce(0) { $0 + Int64($1.offsets.count) })
        defer { progress.finish() }
        let report = try await recorded(
            "replay", in: warehouse.runLedger(), logger: context.logger, counts: JSONValue.init
        ) {
            let stop = StopSignal()
            let report = try await withTaskCancellationHandler {
                try await thread.perform { _ in
                    try RawReplay(
                        writer: writer, timeZone: service.timeZone,
                        batchRecords: service.deployment.settings.ingest.batchRecords, logger: context.logger,
                        stop: stop, onBatch: { progress.add(sales: $0.records) }
                    ).run(plan)
                }
            } onCancel: {
                stop.stop()
            }
            guard report.reachedEnd else { throw CancellationError() }
            return report
        }
        progress.finish()
        try context.write(json: JSONValue(report), text: "read again from raw: \(report.summary)")
    }

    private func plan(_ source: any ReplaySource) throws -> RawReplayPlan {
        let partitions = try source.partitions()
        var atTime: [WarehousePartition: Int64] = [:]
        if case .time(let milliseconds) = target {
            for partition in partitions {
                atTime[partition] = try source.firstOffset(
                    log: partition.log, partition: partition.partition, atMilliseconds: milliseconds)
            }
        }
        return try RawReplayPlan(
            target, topic: deployment.settings.kafka.salesTopic, partitions: partitions, offsetsAtTime: atTime)
    }

    private func json(_ ranges: [(step: RawReplayPlan.Step, content: RawContent)]) -> JSONValue {
        [
            "dry_run": true,
            "ranges": .array(
                ranges.map { range in
                    [
                        "log": JSONValue(range.step.log), "topic": .text(range.step.topic),
                        "partition": JSONValue(range.step.partition),
                        "first": JSONValue(range.step.offsets.lowerBound),
                        "end": JSONValue(range.step.offsets.upperBound), "records": JSONValue(range.content.records),
                        "sales": JSONValue(range.content.sales),
                    ]
                }),
        ]
    }

    private func text(_ ranges: [(step: RawReplayPlan.Step, content: RawContent)]) -> String {
        var table = ResultTable(
            .right("log"), .left("topic"), .right("partition"), .right("first"), .right("end"), .right("records"),
            .right("sales"))
        for range in ranges {
            table.add([
                String(range.step.log), range.step.topic, String(range.step.partition),
                String(range.step.offsets.lowerBound), String(range.step.offsets.upperBound),
                String(range.content.records), String(range.content.sales),
            ])
        }
        return table.text + "\nnothing was changed (--dry-run)"
    }
}
