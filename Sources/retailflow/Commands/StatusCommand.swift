import Configuration
import Kafka
import Telemetry
import Warehouse

/// `retailflow status`: offsets, lag, counts, freshness, last runs, balance.
struct StatusCommand: CommandAction {
    private static let timeoutMilliseconds = 5_000

    /// One partition of the sales topic, as Kafka and the warehouse see it.
    private struct Partition {
        var number: Int32
        var committed: Int64?
        var end: Int64?
        var warehouse: WarehouseStatus.Partition?

        /// Offsets between what was committed and the end; markers of transactions counted.
        var lag: Int64? {
            guard let end else { return nil }
            return end - (committed ?? 0)
        }
    }

    func run(_ context: CommandContext) async throws -> ExitCode {
        let deployment = Deployment(context)
        let status = try deployment.presentWarehouse().status()
        let (partitions, kafka) = partitions(deployment, status)
        try context.write(
            json: json(status, partitions, kafka), text: text(status, partitions, kafka, deployment.clock()))
        return .done
    }

    /// What Kafka says, or why it says nothing: a broker that is down must not hide the warehouse.
    private func partitions(_ deployment: Deployment, _ status: WarehouseStatus) -> ([Partition], String) {
        let topic = deployment.settings.kafka.salesTopic
        var known: [Int32: Partition] = [:]
        for partition in status.partitions where partition.topic == topic {
            known[partition.partition] = Partition(number: partition.partition, warehouse: partition)
        }
        let state: String
        do {
            guard case .servers(let servers) = deployment.settings.kafka.bootstrapServers else {
                return (known.values.sorted { $0.number < $1.number }, "embedded: it lives only within a command")
            }
            let timeout = StatusCommand.timeoutMilliseconds
            let cluster = deployment.cluster(bootstrapServers: servers.joined(separator: ","))
            _ = try cluster.probe(timeoutMilliseconds: timeout)
            let admin = try AdminClient(cluster)
            let description = try admin.describeTopics([topic], timeoutMilliseconds: timeout)[topic]
            let all = (description?.partitions ?? []).map { TopicPartition(topic: topic, partition: $0.partition) }
            let committed = try admin.groupOffsets(deployment.settings.kafka.group, timeoutMilliseconds: timeout)
            for partition in all {
                known[partition.partition, default: Partition(number: partition.partition)].committed =
                    committed[partition]
                known[partition.partition]?.end =
                    try admin.watermarks(of: partition, timeoutMilliseconds: timeout).upperBound
            }
            state = description == nil ? "no topic \(topic)" : "reachable"
        } catch {
            state = "unreachable: \(error)"
        }
        return (known.values.sorted { $0.number < $1.number }, state)
    }

    private func balance(_ balance: WarehouseStatus.Balance) -> String {
        var parts = [balance.lastBalanced.map { "up to hour \($0)" } ?? "no hour yet"]
        if let last = balance.open.last {
            parts.append("\(balance.open.count) open, the last \(last.hour): \(last.reason ?? "-")")
        }
        for hour in balance.different.prefix(3) {
            parts.append("DIFFERENT in \(hour.hour): \(hour.reason ?? "-")")
        }
        if balance.different.count > 3 { parts.append("and in \(balance.different.count - 3) hours more") }
        return parts.joined(separator: "; ")
    }

    private func held(_ catalogues: [HeldSnapshot]) -> String {
        let lines = catalogues.map { held in
            "\n           HELD BACK: \(held.catalogue), snapshot \(held.snapshot) of \(held.answered) with "
                + "\(held.rows) rows: \(held.objection)"
        }
        return lines.joined() + (lines.isEmpty ? "" : "\n           apply it with: retailflow batch --accept-catalogue")
    }

    private func json(_ status: WarehouseStatus, _ partitions: [Partition], _ kafka: String) -> JSONValue {
        [
            "warehouse": JSONValue(encoding: status), "kafka": .text(kafka),
            "partitions": .array(
                partitions.map { partition in
                    [
                        "partition": JSONValue(partition.number),
                        "committed": partition.committed.map { JSONValue($0) } ?? .null,
                        "end": partition.end.map { JSONValue($0) } ?? .null,
                        "lag": partition.lag.map { JSONValue($0) } ?? .null,
                        "raw_next": partition.warehouse?.rawNextOffset.map { JSONValue($0) } ?? .null,
                        "ods_next": partition.warehouse?.odsNextOffset.map { JSONValue($0) } ?? .null,
                    ]
                }),
        ]
    }

    private func text(
        _ status: WarehouseStatus, _ partitions: [Partition], _ kafka: String, _ now: Int64
    ) -> String {
        func shown(_ number: Int64?) -> String { number.map(String.init) ?? "-" }
        let open = (status.rejects["open"] ?? 0) + (status.rejects["pending_correction"] ?? 0)
        var text = """
            sales      \(status.sales) with \(status.lines) lines (raw: \(status.rawSales) records), latest \(status.latestSale ?? "-")
            rejects    \(open) open, \(status.rejects["superseded"] ?? 0) superseded
            catalogue  \(status.products) products, \(status.customers) customers\(held(status.heldCatalogues))
            mart       generation \(status.martGeneration) of \(status.martBuilt ?? "-"): \(status.martRows) rows, \
            \(status.orphans) orphans, latest sale \(status.latestSaleInMart ?? "-")
            balance    \(balance(status.balance))
            kafka      \(kafka)\n
            """
        if !partitions.isEmpty {
            var table = ResultTable(
                .right("partition"), .right("lag"), .right("committed"), .right("end"), .right("raw next"),
                .right("ods next"))
            for partition in partitions {
                table.add([
                    String(partition.number), shown(partition.lag), shown(partition.committed), shown(partition.end),
                    shown(partition.warehouse?.rawNextOffset), shown(partition.warehouse?.odsNextOffset),
                ])
            }
            text += "\n" + table.text
        }
        if !status.lastRuns.isEmpty {
            var table = ResultTable(
                .left("last run"), .left("outcome"), .left("started"), .left("ended"), .left("error"))
            for run in status.lastRuns {
                table.add([run.run, run.outcome, run.started, run.ended ?? "-", run.error ?? ""])
            }
            text += "\n" + table.text
        }
        return text
    }
}
