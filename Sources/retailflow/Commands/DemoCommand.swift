import Batch
import Configuration
import Extract
import Foundation
import Ingest
import Kafka
import RetailAPI
import RetailAPISimulator
import Telemetry
import Warehouse

/// `retailflow demo`: the whole pipeline in one process, on the embedded broker, a simulated API and SQLite.
struct DemoCommand: CommandAction {
    let options: DemoOptions

    /// What flows when nobody says: a few seconds' worth.
    private static let salesDefault = 20_000
    /// How far extraction may run ahead of ingestion, in bytes: less than one partition of the embedded broker keeps.
    private static let aheadBytesMax = 2 << 20

    func run(_ context: CommandContext) async throws -> ExitCode {
        let directory = try workDirectory()
        defer { if options.keepDirectory == nil { try? FileManager.default.removeItem(atPath: directory) } }
        let simulator = try RetailAPISimulator(simulatorConfiguration())
        defer { simulator.stop() }
        var context = context
        context.settings.api.baseURL = simulator.baseURL
        context.settings.api.key = Secret("demo")
        context.settings.warehouse.url = .sqlite(directory: directory)
        let deployment = Deployment(context)
        let cluster = try EmbeddedCluster()
        tell(context, "a broker in this process: \(EmbeddedCluster.limits)")
        tell(context, "a simulated shop with \(simulator.salesCount) sales at \(simulator.baseURL)")
        let warehouse = try deployment.warehouse()
        let (extracted, ingested) = try await flow(deployment, cluster, warehouse, context)
        tell(context, "extract: \(extracted.summary)")
        tell(context, "ingest: \(ingested.summary)")
        let store = warehouse.catalogueStore(codeVersion: Deployment.codeVersion)
        let timeZone = try deployment.timeZone()
        let refresh = CatalogueRefresh(
            api: try deployment.api(), store: store, timeZone: timeZone,
            shrinkPercentMax: context.settings.batch.shrinkPercentMax, logger: context.logger)
        for report in try await Reconciliation(refresh: refresh, store: store, timeZone: timeZone).run() {
            tell(context, "batch: \(report.summary)")
        }
        let mart = try await MartRebuild(
            try warehouse.martStore(), allowMissingCustomer: context.settings.batch.allowsMissingCustomer
        ).run { _, _ in }
        tell(context, "batch: \(mart.summary)")
        let summary = try warehouse.summary(firstRows: 10)
        try context.write(json: json(summary, mart), text: text(summary, directory))
        return .done
    }

    /// Extraction and ingestion side by side, until all that the API serves is in the warehouse.
    private func flow(
        _ deployment: Deployment, _ broker: EmbeddedCluster, _ warehouse: any WarehousePorts, _ context: CommandContext
    ) async throws -> (ExtractReport, IngestReport) {
        let settings = deployment.settings
        try broker.createTopic(settings.kafka.salesTopic, partitions: 4)
        try broker.createTopic(settings.kafka.stateTopic, partitions: 1)
        let cluster = deployment.cluster(bootstrapServers: broker.bootstrapServers)
        let gate = FlowGate(bytesMax: DemoCommand.aheadBytesMax)
        let progress = context.progress("demo", total: options.dataDirectory == nil ? Int64(sales) : nil)
        defer { progress.finish() }
        var extractConfiguration = ExtractConfiguration(
            settings, start: .id(1), follows: false, now: deployment.clock(), timeZone: try deployment.timeZone())
        extractConfiguration.transactionBytesMax = DemoCommand.aheadBytesMax / 2
        let extraction = SalesExtraction(
            extractConfiguration, cluster: cluster, api: try deployment.api(), clock: .system,
            known: warehouse.knownSales(), timeZone: try deployment.timeZone(), logger: context.logger,
            willPublish: { try await gate.willPublish($0) })
        var ingestConfiguration = IngestConfiguration(
            topic: settings.kafka.salesTopic, mode: .follow,
            cluster: IngestService.embeddedClusterPrefix + UUID().uuidString)
        ingestConfiguration.apply(settings.ingest)
        let ingestion = IngestService(
            ingestConfiguration, cluster: cluster, group: settings.kafka.group, instanceID: nil, warehouse: warehouse,
            timeZone: try deployment.timeZone(), logger: context.logger,
            onBatch: { batch in
                gate.didIngest(batch.bytes)
                progress.add(sales: batch.records)
            })
        let ingesting = Task {
            defer { gate.open() }
            return try await ingestion.run()
        }
        return try await withTaskCancellationHandler {
            let extracted: ExtractReport
            do {
                extracted = try await extraction.run()
                try await gate.drained()
            } catch {
                ingesting.cancel()
                _ = try await ingesting.value
                throw error
            }
            ingesting.cancel()
            return (extracted, try await ingesting.value)
        } onCancel: {
            ingesting.cancel()
        }
    }

    private var sales: Int { options.sales ?? DemoCommand.salesDefault }

    private func simulatorConfiguration() -> SimulatorConfiguration {
        if let directory = options.dataDirectory { return SimulatorConfiguration(data: .folder(directory)) }
        return SimulatorConfiguration(data: .generated(GeneratedDataConfiguration(sales: sales)))
    }

    private func workDirectory() throws -> String {
        if let directory = options.keepDirectory { return directory }
        return FileManager.default.temporaryDirectory.appendingPathComponent("retailflow-demo-\(UUID().uuidString)")
            .path
    }

    private func tell(_ context: CommandContext, _ line: String) {
        context.statusStream?.writeLines(line + "\n")
    }

    private func json(_ summary: MartSummary, _ mart: MartReport) -> JSONValue {
        ["mart": JSONValue(mart), "summary": JSONValue(encoding: summary)]
    }

    private func text(_ summary: MartSummary, _ directory: String) -> String {
        var table = ResultTable(
            .left("id"), .left("sales_datetime"), .right("item_amount"), .left("product_sku"), .right("item_quantity"),
            .left("product_description"), .right("discount_perc"))
        for row in summary.firstRows {
            table.add([
                row.id, row.salesDatetime, String(row.itemAmount), row.productSKU, String(row.itemQuantity),
                row.productDescription, row.discountPercent.map { String($0) } ?? "",
            ])
        }
        let total = JSONValue.decimal(summary.amount, 4)
        var text = "dmt.sales_items, the first rows:\n\n\(table.text)\n"
        text += "\(summary.rows) rows of \(summary.sales) sales on \(summary.days) days, \(total) in all.\n\n"
        if options.keepDirectory == nil {
            text += "Keep the warehouse and look around in it:\n"
            text += "  retailflow demo --keep shop && sqlite3 shop/dmt.db 'SELECT * FROM sales_items LIMIT 5'\n"
        } else {
            text += "The warehouse is in \(directory):\n"
            text += "  sqlite3 \(directory)/dmt.db 'SELECT * FROM sales_items LIMIT 5'\n"
        }
        text += "Connect your own API and Kafka: edit config/retailflow.yaml, then\n"
        text +=
            "  retailflow topics apply && retailflow extract --endpoint sales && retailflow ingest && retailflow batch\n"
        return text
    }
}
