internal import FaultPoints
package import Kafka
package import Retail
package import RetailAPI
package import Telemetry
package import Warehouse

/// Extraction of sales: pages of the API become records of the topic, with the cursor committed beside them.
package struct SalesExtraction: Sendable {
    private let configuration: ExtractConfiguration
    private let cluster: KafkaConfiguration
    private let api: RetailAPIClient
    private let clock: APIClock
    private let known: (any KnownSales)?
    private let timeZone: RetailTimeZone
    private let logger: Logger
    private let willPublish: @Sendable (_ bytes: Int) async throws -> Void
    private let didPublish: @Sendable (_ pages: Int, _ records: Int) -> Void
    private let didResweep: @Sendable (ResweepReport) async -> Void

    /// - Parameters:
    ///   - known: the warehouse, to tell what it holds already; nil where there is none at hand.
    ///   - willPublish: waits until so many bytes may be published.
    ///   - didPublish: told of each transaction committed.
    ///   - didResweep: told of each re-sweep that has come to its end.
    package init(
        _ configuration: ExtractConfiguration, cluster: KafkaConfiguration, api: RetailAPIClient, clock: APIClock,
        known: (any KnownSales)?, timeZone: RetailTimeZone, logger: Logger,
        willPublish: @escaping @Sendable (_ bytes: Int) async throws -> Void = { _ in },
        didPublish: @escaping @Sendable (_ pages: Int, _ records: Int) -> Void = { _, _ in },
        didResweep: @escaping @Sendable (ResweepReport) async -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.cluster = cluster
        self.api = api
        self.clock = clock
        self.known = known
        self.timeZone = timeZone
        self.logger = logger
        self.willPublish = willPublish
        self.didPublish = didPublish
        self.didResweep = didResweep
    }

    /// Extracts until the end is reached and confirmed; while following, until the task is cancelled. What was
    /// fetched before an error or a cancellation is published first.
    ///
    /// - Throws: `RetailAPIError`, `KafkaError`, `ExtractError`, `WarehouseError`, `CancellationError`.
    package func run() async throws -> ExtractReport {
        let (plan, worker) = try await prepare()
        logger.info("extraction begins", [("plan", LogValue(describing: plan))])
        let queue = PageQueue<Publication>(elementsMax: configuration.transactionPagesMax)
        return try await withThrowingTaskGroup(of: Result<ExtractReport, any Error>?.self) { group in
            group.addTask {
                defer { queue.finish() }
                var fetcher = SalesFetcher(
                    configuration, api: api, clock: clock, known: known, timeZone: timeZone, logger: logger,
                    queue: queue, didResweep: didResweep)
                do {
                    try await fetcher.run(plan)
                    return .success(fetcher.report)
                } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                defer { queue.finish() }
                try await publish(from: queue, by: worker)
                return nil
            }
            var fetched: Result<ExtractReport, any Error> = .success(ExtractReport())
            for try await result in group { if let result { fetched = result } }
            var report = try fetched.get()
            let published = try await worker.perform { $0.report }
            report.records = published.records
            report.pages = published.pages
            report.transactions = published.transactions
            return report
        }
    }

    private func publish(from queue: PageQueue<Publication>, by worker: SerialWorker<SalesPublisher>) async throws {
        while var waiting = await queue.receive(max: configuration.transactionPagesMax)?[...] {
            while !waiting.isEmpty {
                let group = waiting.prefix(bytesMax: configuration.transactionBytesMax)
                waiting = waiting.dropFirst(group.count)
                try await willPublish(group.reduce(0) { $0 + $1.bytes })
                try await worker.perform { try $0.publish(group) }
                didPublish(group.count, group.reduce(0) { $0 + $1.rows.count })
            }
        }
    }

    /// Decides which walk this is and takes its cursor over.
    ///
    /// A backfill must not take over the follower's cursor, so where a start was asked for the cursors are looked at
    /// first; a follower reads them once whoever had its id before is fenced.
    private func prepare() async throws -> (ExtractPlan, SerialWorker<SalesPublisher>) {
        let setup = SerialWorker(label: "retailflow.extract.setup", state: ())
        let (configuration, cluster, known, logger) = (configuration, cluster, known, logger)
        let now = clock.nowMicroseconds
        return try await setup.perform { _ in
            let reader = CursorReader(cluster, topic: configuration.stateTopic)
            let ingested = try known?.lowestOfHighestIDs(topic: configuration.topic)
            func plan(_ cursors: [String: ExtractCursor]) -> ExtractPlan {
                ExtractPlan(
                    requested: configuration.start, cursors: cursors, lowestOfHighestIDs: ingested,
                    overlapSales: configuration.overlapSales, defaultStart: configuration.defaultStart)
            }
            // Without a start that was asked for it is the follower's walk, whatever the cursors say. They can't be read
            // while an extractor that died has a transaction open; taking over ends that at once.
            var decided = plan(configuration.start == nil ? [:] : try reader.read().cursors)
            let key = decided.cursorKey
            let producer = try Producer(
                ProducerConfiguration(cluster, transactionalID: "\(configuration.stateTopic).\(key)"))
            try FaultPoint.extractTakeOver.around { try SalesExtraction.takeOver(producer) }
            // Only what was committed before the take-over counts from here on.
            let state = try reader.read()
            if case .backfill = decided {
            } else {
                let again = plan(state.cursors)
                if again.cursorKey == key {
                    decided = again
                } else if let cursor = state.cursors[ExtractPlan.followerKey] {
                    decided = .resume(cursor)
                }
            }
            var cursor = decided.cursor
            // Of a walk that begins nothing is old yet.
            if case .begin = decided, configuration.resweepIsDue != nil { cursor.resweepAt = now() }
            let publisher = SalesPublisher(
                configuration, producer: producer, cursorKey: key, cursor: cursor,
                hours: state.hours[key] ?? [:], logger: logger)
            return (decided, SerialWorker(label: "retailflow.extract.publisher", state: publisher))
        }
    }

    private static func takeOver(_ producer: Producer) throws {
        for tries in 1...5 {
            do {
                return try producer.initTransactions(timeoutMilliseconds: 30_000)
            } catch {
                guard error.disposition == .retriable && tries < 5 else { throw error }
            }
        }
    }
}

extension ExtractPlan {
    /// The key of this walk's cursor.
    var cursorKey: String {
        if case .backfill = self { ExtractPlan.backfillKey } else { ExtractPlan.followerKey }
    }

    /// The cursor from which this walk goes on.
    var cursor: ExtractCursor {
        switch self {
        case .resume(let cursor): cursor
        case .begin(let start): ExtractCursor(lastID: 0, version: 0, start: start.description)
        case .backfill(let start, let end, let cursor):
            cursor
                ?? ExtractCursor(lastID: 0, version: 0, start: start.description, end: end)
        }
    }
}

extension ExtractPlan: CustomStringConvertible {
    package var description: String {
        switch self {
        case .resume(let cursor): "resume after sale \(cursor.lastID)"
        case .begin(let start): "begin at \(start)"
        case .backfill(let start, let end, let cursor):
            "backfill from \(cursor.map { "sale \($0.lastID)" } ?? start.description) to sale \(end)"
        }
    }
}

extension ArraySlice<Publication> {
    /// The longest beginning whose rows have at most so many bytes, and at least one page.
    fileprivate func prefix(bytesMax: Int) -> [Publication] {
        var bytes = 0
        return Array(
            prefix { publication in
                defer { bytes += publication.bytes }
                return bytes == 0 || bytes + publication.bytes <= bytesMax
            })
    }
}
