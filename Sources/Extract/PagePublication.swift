package import Kafka
package import Retail
package import RetailAPI
package import Telemetry
package import Warehouse

/// Publishes a page from a file: a failed page that was repaired, or one from the archive.
///
/// Its records carry the version of the page's first answer, so that whatever came later stays. It has a transactional
/// id and cursors of its own: it runs beside the follower and hinders nobody. The cursor of a failed page tells
/// extraction, which waits before it, how far the page leads.
package struct PagePublication: Sendable {
    private let configuration: ExtractConfiguration
    private let cluster: KafkaConfiguration
    private let known: any KnownSales & PublishedPages
    private let timeZone: RetailTimeZone
    private let logger: Logger
    private let disk: PageDisk

    /// - Parameters:
    ///   - known: the warehouse, to tell what it holds already.
    ///   - disk: has the page.
    package init(
        _ configuration: ExtractConfiguration, cluster: KafkaConfiguration, known: any KnownSales & PublishedPages,
        timeZone: RetailTimeZone, logger: Logger, disk: PageDisk = .system
    ) {
        self.configuration = configuration
        self.cluster = cluster
        self.known = known
        self.timeZone = timeZone
        self.logger = logger
        self.disk = disk
    }

    /// Publishes what of the page is not in the warehouse as it is, in one transaction. Rows that are no valid sales
    /// are published as they are.
    ///
    /// - Throws: `PageFileError`, `ExtractError`, `KafkaError`, `WarehouseError`.
    package func run(path: String) async throws -> ExtractReport {
        let blocking = SerialWorker(label: "retailflow.page", state: ())
        let (file, page) = try await blocking.perform { [self] _ in
            let file = try PageFile(path: path, disk: disk)
            return (file, try salesPage(file))
        }
        let lastID = try lastID(of: page, file)
        let published = PublishedSales(known: known, salesMax: 1)
        let rows = try await published.different(page, Array(page.rows.indices))
        let publication = Publication(page: page, rows: rows, lastID: lastID)
        var report = try await blocking.perform { [self] _ in
            let publisher = try publisher(for: file, page.page.answeredAtMicroseconds, lastID)
            try publisher.publish([publication])
            return publisher.report
        }
        report.known = page.rows.count - rows.count
        report.lastID = lastID
        return report
    }

    private func salesPage(_ file: PageFile) throws -> SalesPage {
        guard file.endpoint == .sales else {
            throw ExtractError(
                code: .pageFileRefused, reason: "\(file.path) has not the name of a page of sales",
                remedy: "give it back the name under which it was kept, sales_YYYYMMDD_HHMM_UUID.json")
        }
        let toldVersion = file.failure == nil ? try known.version(ofPage: file.name) : nil
        guard let version = toldVersion ?? file.answeredAtMicroseconds else {
            throw ExtractError(
                code: .pageFileRefused, reason: "it is not known when the API first answered with \(file.path)",
                remedy: "leave a failed page beside its .error.json; give an archived one back the time of its change "
                    + "with: touch -r ORIGINAL COPY")
        }
        let page: APIPage
        do {
            page = try APIPage(
                endpoint: .sales, body: file.body, requestedLimit: file.failure?.limit ?? 0,
                answeredAtMicroseconds: version, fileName: file.name)
        } catch {
            throw ExtractError(
                code: .pageFileRefused, reason: "\(file.path) is still no page: \(error)",
                remedy: "repair it: an array of sales, each an object in itself")
        }
        if let row = page.rows.first(where: { $0.count > configuration.saleBytesMax }) {
            throw ExtractError(
                code: .pageFileRefused,
                reason: "the row at byte \(row.lowerBound) of \(file.path) has \(row.count) bytes; a record of the "
                    + "topic may have \(configuration.saleBytesMax)",
                remedy: "raise max.message.bytes of the topic, or shorten the row")
        }
        return SalesPage(page, parser: SaleParser(timeZone: timeZone))
    }

    /// The page's last sale. A failed page without one behind its start would leave extraction waiting.
    private func lastID(of page: SalesPage, _ file: PageFile) throws -> Int64? {
        let lastID = page.rows.compactMap(\.id).max()
        guard let failure = file.failure else { return lastID }
        let start = Int64(failure.start) ?? 0
        guard let lastID, lastID > start || lastID == start && failure.limit == 1 else {
            throw ExtractError(
                code: .pageFileRefused,
                reason: "\(file.path) has no sale behind \(failure.start), where extraction waits",
                remedy: "give each row at least its id, such as [{\"id\": 123}]: it becomes a reject, the rest goes on")
        }
        return lastID
    }

    private func publisher(for file: PageFile, _ version: Int64, _ lastID: Int64?) throws -> SalesPublisher {
        let producer = try Producer(
            ProducerConfiguration(
                cluster, transactionalID: "\(configuration.stateTopic).\(RepairedPages.keyPrefix)",
                properties: configuration.producerProperties))
        try SalesExtraction.takeOver(producer)
        let key = RepairedPages.keyPrefix + file.name
        let state = try CursorReader(cluster, topic: configuration.stateTopic).read()
        var cursor = state.cursors[key] ?? ExtractCursor(lastID: 0, version: 0)
        // Not one more than the last time, as a later page has it: the very version again.
        cursor.version = version - 1
        if let failure = file.failure, let lastID {
            cursor.start = failure.start
            // An API that serves the start would begin with this very page's last sale again. Asked for one row from
            // the sale itself, it served that.
            let servesStart = failure.servesStart || failure.start == String(lastID)
            cursor.next = servesStart ? lastID + 1 : lastID
        }
        return SalesPublisher(
            configuration, producer: producer, cursorKey: key, cursor: cursor, hours: state.hours[key] ?? [:],
            logger: logger)
    }
}
