import Dispatch
import Foundation
@testable import Ingest
import Kafka
import KafkaTestKit
import Retail
import SQLite
import Synchronization
import Telemetry
@testable import Warehouse

/// What one test works with: a topic and a group of its own on a broker, and a warehouse in a directory of its own.
final class Shop: Sendable {
    let cluster: TestCluster
    let topic: String
    let group = TestCluster.uniqueName("ingest")
    let directory: String
    /// Every look at it is a microsecond later, so that a row that was written again shows it.
    private let time = Mutex<Int64>(1_700_000_000_000_000)

    private init(_ cluster: TestCluster, topic: String) {
        self.cluster = cluster
        self.topic = topic
        directory = FileManager.default.temporaryDirectory.appending(path: "ingest-\(UUID().uuidString)").path
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    static func open(
        _ broker: TestBroker = .embedded, partitions: Int = 1, settings: [String: String] = [:]
    ) async throws -> Shop {
        let cluster = try await broker.start()
        let topic = try await blocking { try cluster.makeTopic("sales", partitions: partitions, settings: settings) }
        return Shop(cluster, topic: topic)
    }

    /// The same on a cluster of the test's own.
    static func open(on kafka: ApacheKafka) async throws -> Shop {
        let cluster = TestCluster(kafka)
        return Shop(cluster, topic: try await blocking { try cluster.makeTopic("sales") })
    }

    func partition(_ number: Int32) -> TopicPartition { TopicPartition(topic: topic, partition: number) }

    // MARK: The warehouse

    func warehouse() throws -> SQLiteWarehouse {
        try SQLiteWarehouse(
            directory: directory,
            clock: { [self] in
                time.withLock { time in
                    time += 1
                    return time
                }
            })
    }

    func writer() throws -> SQLiteSalesWriter { try SQLiteSalesWriter(try warehouse(), codeVersion: "test") }

    /// One number out of `raw` and `ods`.
    func count(_ sql: String) throws -> Int { Int(try database().integer(sql) ?? -1) }

    func text(_ sql: String) throws -> String? { try database().text(sql) }

    func texts(_ sql: String) throws -> [String] {
        let statement = try database().prepare(sql)
        var texts: [String] = []
        while try statement.step() { texts.append(statement.text(at: 0)) }
        return texts
    }

    private func database() throws -> Database {
        let database = try Database()
        for schema in ["raw", "ods", "ops"] {
            try database.attach("\(directory)/\(schema).db", as: schema, access: .readOnly)
        }
        return database
    }

    /// Every row of every table of raw and ods, times and stored positions included.
    func dump() throws -> [String] {
        let database = try database()
        var rows: [String] = []
        for schema in ["raw", "ods"] {
            let tables = try texts("SELECT name FROM \(schema).sqlite_master WHERE type = 'table' ORDER BY name")
            for table in tables {
                let columns = try texts("SELECT name FROM pragma_table_info('\(table)', '\(schema)')")
                let shown = columns.map { "quote(\($0))" }.joined(separator: " || ' ' || ")
                let statement = try database.prepare("SELECT \(shown) FROM \(schema).\(table) ORDER BY 1")
                while try statement.step() { rows.append("\(schema).\(table): \(statement.text(at: 0))") }
            }
        }
        return rows
    }

    /// Deletes a file of the warehouse with its write-ahead log.
    func delete(_ file: String) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: directory) where name.hasPrefix("\(file).db") {
            try FileManager.default.removeItem(atPath: "\(directory)/\(name)")
        }
    }

    /// The warehouse's directory goes, and comes back.
    func moveAway() throws { try FileManager.default.moveItem(atPath: directory, toPath: "\(directory).away") }
    func moveBack() throws { try FileManager.default.moveItem(atPath: "\(directory).away", toPath: directory) }

    /// A copy of one file as it is now; the closure puts it back in place of what is there then.
    func copy(_ file: String) throws -> @Sendable () throws -> Void {
        let copy = "\(directory)/\(file).copy"
        let database = try Database()
        try database.attach("\(directory)/\(file).db", as: file, access: .readWrite)
        try database.execute("PRAGMA \(file).wal_checkpoint(TRUNCATE)")
        try FileManager.default.copyItem(atPath: "\(directory)/\(file).db", toPath: copy)
        return { [self] in
            try delete(file)
            try FileManager.default.moveItem(atPath: copy, toPath: "\(directory)/\(file).db")
        }
    }

    // MARK: Ingestion

    /// Where a test looks into a running ingestion.
    struct Hooks: Sendable {
        var logHandler: (@Sendable (LogLine) -> Void)?
        var endOfLog: (@Sendable (TopicPartition) throws -> Range<Int64>)?
        var onBatch: @Sendable (BatchReport) -> Void = { _ in }
        var didChange: @Sendable (Health) -> Void = { _ in }
        var now: (@Sendable () -> Int)?
        var logger = Logger.silent
    }

    /// Runs one ingestion, on a thread of its own, until it ends.
    func ingest(
        mode: IngestConfiguration.Mode = .untilEnd, cluster clusterID: String = "cluster-1", group: String? = nil,
        writer: (any SalesWriter)? = nil, stop: StopSignal = StopSignal(), properties: [String: String] = [:],
        hooks: Hooks = Hooks(), timeZone: RetailTimeZone = .utc,
        configure: @Sendable @escaping (inout IngestConfiguration) -> Void = { _ in }
    ) async throws -> IngestReport {
        var client = cluster.configuration
        client.logHandler = hooks.logHandler
        let consumer = ConsumerConfiguration(
            client, group: group ?? self.group,
            properties: ["session.timeout.ms": "6000", "heartbeat.interval.ms": "200"]
                .merging(properties) { _, given in given })
        return try await blocking { [self] in
            try ingestion(
                mode: mode, cluster: clusterID, writer: try writer ?? self.writer(), stop: stop, hooks: hooks,
                timeZone: timeZone, configure: configure
            ).run(consumer)
        }
    }

    /// An ingestion that has not begun.
    func ingestion(
        mode: IngestConfiguration.Mode = .untilEnd, cluster clusterID: String = "cluster-1",
        writer: any SalesWriter, stop: StopSignal = StopSignal(), hooks: Hooks = Hooks(),
        timeZone: RetailTimeZone = .utc, configure: (inout IngestConfiguration) -> Void = { _ in }
    ) throws -> Ingestion {
        var configuration = IngestConfiguration(topic: topic, mode: mode, cluster: clusterID)
        configuration.retryMilliseconds = 20
        configuration.retryMillisecondsMax = 100
        configure(&configuration)
        let ends = try LogEnds(cluster.configuration)
        return try Ingestion(
            configuration, writer: writer,
            logs: SQLiteLogLedger(try warehouse(), ephemeralClusterPrefix: "embedded-"), timeZone: timeZone,
            logger: hooks.logger, stop: stop,
            endOfLog: hooks.endOfLog ?? ends.range,
            now: hooks.now ?? { Int(DispatchTime.now().uptimeNanoseconds / 1_000_000) },
            onBatch: hooks.onBatch, didChange: hooks.didChange)
    }

    // MARK: Kafka

    /// What the group has committed, and where each partition ends.
    func committed(_ partitions: Int = 1, group: String? = nil) throws -> [Int32: Int64] {
        let consumer = try Consumer(ConsumerConfiguration(cluster.configuration, group: group ?? self.group))
        let offsets = try consumer.committed((0..<Int32(partitions)).map(partition))
        return offsets.reduce(into: [:]) { $0[$1.key.partition] = $1.value }
    }

    func ends(_ partitions: Int = 1) throws -> [Int32: Int64] {
        let admin = try AdminClient(cluster.configuration)
        return try (0..<Int32(partitions)).reduce(into: [:]) {
            $0[$1] = try admin.watermarks(of: partition($1), timeoutMilliseconds: timeout).upperBound
        }
    }

    /// Returns when the brokers show the topic with all its partitions.
    func waitUntilVisible(partitions: Int) throws {
        let admin = try AdminClient(cluster.configuration)
        while true {
            // Asking takes its time.
            let present = try admin.describeTopics([topic], timeoutMilliseconds: timeout)[topic]
            if let present, present.partitions.count == partitions, present.partitions.allSatisfy({ $0.leader != nil })
            {
                return
            }
        }
    }

    func producer(transactionalID: String? = nil, properties: [String: String] = [:]) throws -> Producer {
        try Producer(
            ProducerConfiguration(
                cluster.configuration, transactionalID: transactionalID, properties: properties))
    }

    /// Puts sales `ids` into the topic, over its partitions in turn, as extraction does: with a version and a file.
    func publish(_ ids: ClosedRange<Int64>, partitions: Int32 = 1, version: Int64 = 1_000, note: String = "") throws {
        let producer = try producer()
        try publish(ids, by: producer, partitions: partitions, version: version, note: note)
        try producer.flush(timeoutMilliseconds: timeout)
    }

    func publish(
        _ ids: ClosedRange<Int64>, by producer: Producer, partitions: Int32 = 1, version: Int64 = 1_000,
        note: String = ""
    ) throws {
        let headers = RecordHeaders(text: ["version": "\(version)", "source_file": "sales_20260101_0000_x.json"])
        for id in ids {
            try producer.enqueue(
                topic: topic, partition: Int32(id % Int64(partitions)), key: Array("\(id)".utf8),
                value: Array(sale(id, note: note).utf8), headers: headers)
        }
    }

    /// Puts one record with any content into a partition, without headers unless they are given.
    func put(
        _ value: [UInt8]?, key: String? = nil, partition: Int32 = 0, headers: RecordHeaders? = nil,
        timestampMilliseconds: Int64? = nil
    ) throws {
        let producer = try producer()
        try producer.enqueue(
            topic: topic, partition: partition, key: key.map { Array($0.utf8) }, value: value, headers: headers,
            timestampMilliseconds: timestampMilliseconds)
        try producer.flush(timeoutMilliseconds: timeout)
    }
}

let timeout = 30_000

/// A valid sale; `note` goes into a field that nobody knows.
func sale(_ id: Int64, quantity: Int = 2, note: String = "") -> String {
    """
    {"id": \(id), "datetime": "2026-01-01T08:00:00", "total_amount": 5.00, "customer_id": "C\(id % 100)", \
    "items": [{"product_sku": "A", "quantity": \(quantity), "amount": 5.00}], "note": "\(note)"}
    """
}

func version(_ number: Int64) -> RecordHeaders { RecordHeaders(text: ["version": "\(number)"]) }

/// Runs a call that blocks on a thread of its own.
func blocking<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await BlockingQueue().run(body)
}
