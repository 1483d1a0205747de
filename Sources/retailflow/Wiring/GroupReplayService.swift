import Configuration
import Ingest
import Kafka
import Warehouse

/// `replay` of Kafka's records: plans, tells, and sets the group's offsets.
struct GroupReplayService: Sendable {
    private let deployment: Deployment
    private let target: ReplayTarget

    init(_ deployment: Deployment, _ target: ReplayTarget) {
        self.deployment = deployment
        self.target = target
    }

    /// What happens to one partition, with what raw knows of the records.
    struct Row: Sendable {
        let move: ReplayPlan.Move
        let content: RawContent
    }

    func run(_ context: CommandContext, isDryRun: Bool) async throws {
        let kafka = deployment.settings.kafka
        let cluster = try await deployment.cluster(for: "replay")
        try deployment.requireTopics([kafka.salesTopic], on: cluster)
        let warehouse = try deployment.presentWarehouse()
        let source = warehouse.replaySource()
        let thread = SerialWorker(label: "retailflow.replay", state: ())
        let target = target
        let replay = try GroupReplay(cluster, group: kafka.group, topic: kafka.salesTopic)
        // A skip moves the warehouse's positions: nobody may ingest from the look at them on.
        let writer =
            target.isSkip && !isDryRun
            ? try warehouse.salesWriter(codeVersion: Deployment.codeVersion) : nil
        let rows = try await thread.perform { _ in
            let plan = try replay.plan(target, source)
            return (plan, try GroupReplayService.rows(of: plan, source, topic: kafka.salesTopic))
        }
        if !isDryRun {
            let (plan, table) = rows
            _ = try await recorded(
                "replay", in: warehouse.runLedger(), logger: context.logger,
                counts: { (_: Bool) in json(table, isDryRun: false) }
            ) {
                try await thread.perform { _ in
                    if let writer {
                        let logs = warehouse.logLedger(ephemeralClusterPrefix: IngestService.embeddedClusterPrefix)
                        try replay.giveUp(plan, writer: writer, logs: logs)
                    }
                    try replay.apply(plan)
                    return true
                }
            }
        }
        try context.write(
            json: json(rows.1, isDryRun: isDryRun), text: text(rows.1, isDryRun: isDryRun))
    }

    private static func rows(of plan: ReplayPlan, _ source: any ReplaySource, topic: String) throws -> [Row] {
        let log = try source.newestLog(ofTopic: topic)?.log
        return try plan.moves.map { move in
            guard let log, !move.known.isEmpty else { return Row(move: move, content: RawContent()) }
            return Row(
                move: move,
                content: try source.content(log: log, partition: move.partition, offsets: move.known))
        }
    }

    private func json(_ rows: [Row], isDryRun: Bool) -> JSONValue {
        [
            "dry_run": .flag(isDryRun), "group": .text(deployment.settings.kafka.group),
            "topic": .text(deployment.settings.kafka.salesTopic),
            "partitions": .array(
                rows.map { row in
                    [
                        "partition": JSONValue(row.move.partition),
                        "from": row.move.from.map { JSONValue($0) } ?? .null, "to": JSONValue(row.move.to),
                        "reads_from": JSONValue(row.move.readsFrom),
                        "offsets": JSONValue(row.move.again.count), "records": JSONValue(row.content.records),
                        "records_max": JSONValue(row.content.records + row.move.unknown),
                        "sales": JSONValue(row.content.sales),
                        "sales_max": JSONValue(row.content.sales + row.move.unknown),
                        "given_up_first": row.move.givenUp.map { JSONValue($0.lowerBound) } ?? .null,
                        "given_up_end": row.move.givenUp.map { JSONValue($0.upperBound) } ?? .null,
                    ]
                }),
        ]
    }

    private func text(_ rows: [Row], isDryRun: Bool) -> String {
        func upTo(_ count: Int64, _ unknown: Int64) -> String { unknown > 0 ? "up to \(count + unknown)" : "\(count)" }
        var table = ResultTable(
            .right("partition"), .right("from"), .right("to"), .right("offsets"), .right("records"), .right("sales"))
        var notes = ""
        for row in rows {
            let move = row.move
            table.add([
                String(move.partition), move.from.map { String($0) } ?? "-", String(move.to),
                String(move.again.count), upTo(row.content.records, move.unknown),
                upTo(row.content.sales, move.unknown),
            ])
            if let range = move.givenUp {
                notes +=
                    "partition \(move.partition): offsets \(range.lowerBound) to \(range.upperBound - 1) "
                    + "\(isDryRun ? "would be" : "are") given up and never read\n"
            } else if move.readsFrom < move.to {
                notes +=
                    "partition \(move.partition): ingestion still begins at \(move.readsFrom), "
                    + "because the warehouse has not read what follows\n"
            }
        }
        let group = deployment.settings.kafka.group
        return table.text + "\n" + notes
            + (isDryRun
                ? "nothing was changed (--dry-run)"
                : "group \(group) is set; read again with: retailflow ingest")
    }
}
