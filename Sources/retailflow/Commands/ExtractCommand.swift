import Batch
import Configuration
import Extract
import Foundation
import Kafka
import Retail
import RetailAPI
import Telemetry
import Warehouse

/// `retailflow extract`: the API connector.
struct ExtractCommand: CommandAction {
    let options: ExtractOptions

    func run(_ context: CommandContext) async throws -> ExitCode {
        switch options.endpoint {
        case .sales:
            if let file = options.file {
                try await publish(file, context)
            } else {
                try await extractSales(context)
            }
        case .products: try await refresh(.products, context)
        case .customers: try await refresh(.customers, context)
        }
        return .done
    }

    private func extractSales(_ context: CommandContext) async throws {
        let deployment = Deployment(context)
        let settings = context.settings
        let follows = options.follows
        // What is waited for is told once, by extraction.
        let api = try deployment.api(retryLevel: follows ? .info : .warning)
        let cluster = try follows ? deployment.servers(for: "extract") : await deployment.cluster(for: "extract")
        let warehouse = try deployment.warehouse()
        let timeZone = try deployment.timeZone()
        let progress = context.progress("extract")
        defer { progress.finish() }
        let configuration = ExtractConfiguration(
            settings, start: options.start, follows: follows, now: deployment.clock(), timeZone: timeZone)
        let extraction = try deployment.salesExtraction(
            configuration, api: api, cluster: cluster, warehouse: warehouse, waits: follows,
            didPublish: { pages, records in progress.add(pages: pages, sales: records) })
        do {
            let report = try await recorded(
                "extract sales", in: deployment.ledger(warehouse), logger: context.logger, counts: JSONValue.init
            ) { try await extraction.run() }
            progress.finish()
            try context.write(json: JSONValue(report), text: report.summary)
        } catch is CancellationError where options.follows {
            progress.finish()
        }
    }

    private func publish(_ file: String, _ context: CommandContext) async throws {
        let deployment = Deployment(context)
        let kafka = context.settings.kafka
        let timeZone = try deployment.timeZone()
        let cluster = try await deployment.cluster(for: "extract")
        try deployment.requireTopics([kafka.salesTopic, kafka.stateTopic], on: cluster)
        var configuration = ExtractConfiguration(
            context.settings, start: nil, follows: false, now: deployment.clock(), timeZone: timeZone)
        if let bytes = try deployment.recordBytesMax(of: kafka.salesTopic, on: cluster) {
            configuration.recordBytesMax = bytes
        }
        let warehouse = try deployment.warehouse()
        let publication = PagePublication(
            configuration, cluster: cluster, known: warehouse.knownSales(), timeZone: timeZone,
            logger: context.logger)
        let report = try await recorded(
            "extract sales from file", in: warehouse.runLedger(), logger: context.logger, counts: JSONValue.init
        ) { try await publication.run(path: file) }
        try context.write(
            json: JSONValue(report),
            text: "\(report.records) records published; \(report.known) rows were in the warehouse already")
    }

    private func refresh(_ catalogue: Catalogue, _ context: CommandContext) async throws {
        let deployment = Deployment(context)
        let api = try deployment.api()
        let warehouse = try deployment.warehouse()
        let refresh = CatalogueRefresh(
            api: api, store: warehouse.catalogueStore(codeVersion: Deployment.codeVersion),
            timeZone: try deployment.timeZone(), shrinkPercentMax: context.settings.batch.shrinkPercentMax,
            logger: context.logger)
        let report = try await recorded(
            "extract \(catalogue.rawValue)", in: warehouse.runLedger(), logger: context.logger,
            counts: JSONValue.init
        ) {
            let report = try await refresh.run(catalogue)
            guard let objection = report.objection else { return report }
            throw BatchError(catalogue: catalogue, snapshot: report.snapshot, reason: objection)
        }
        try context.write(
            json: JSONValue(report),
            text: "\(report.catalogue): snapshot \(report.snapshot), \(report.rows) rows (\(report.proof)); "
                + "\(report.rowsKept) new or changed; merge them with: retailflow batch")
    }
}

extension ExtractConfiguration {
    /// - Parameters:
    ///   - now: microseconds of UTC: the day on which the very first run begins unless another is configured.
    ///   - timeZone: the zone of the API's days, and of the schedule.
    init(_ settings: Settings, start: SalesStartPoint?, follows: Bool, now: Int64, timeZone: RetailTimeZone) {
        let today = SalesStart.date(String(CivilTime.text(of: now / 1_000_000).prefix(10)))
        self.init(
            topic: settings.kafka.salesTopic, stateTopic: settings.kafka.stateTopic,
            defaultStart: settings.extract.start.map(SalesStart.init) ?? today)
        self.start = start.map(SalesStart.init)
        self.follows = follows
        pollMilliseconds = settings.extract.pollMilliseconds
        overlapSales = Int64(settings.extract.overlapSales)
        retries = settings.api.retries
        backoffMilliseconds = settings.api.backoffMilliseconds
        if let given = settings.kafka.properties.values["transaction.timeout.ms"].flatMap({ Int($0) }) {
            transactionMilliseconds = given
        }
        resweepDays = settings.extract.resweepDays
        if let schedule = settings.extract.resweepSchedule {
            resweepIsDue = { after, upTo in
                schedule.isDue(
                    after: timeZone.localSeconds(ofInstant: after / 1_000_000),
                    upTo: timeZone.localSeconds(ofInstant: upTo / 1_000_000))
            }
        }
    }
}

extension SalesStart {
    init(_ point: SalesStartPoint) {
        switch point {
        case .id(let id): self = .id(id)
        case .date(let day): self = .date(day)
        }
    }
}
