import HTTPClient
import Kafka
import KafkaTestKit
import Retail
import RetailAPI
import RetailAPISimulator
import Synchronization
import Telemetry
import Warehouse

@testable import Extract

/// A simulated API, a broker with two topics of its own, and a clock that nobody waits for: all that an extraction
/// needs.
struct Shop: Sendable {
    static let partitions: Int32 = 3

    let simulator: RetailAPISimulator
    let cluster: KafkaConfiguration
    /// The broker inside this process, if that is the one.
    let embedded: EmbeddedCluster?
    let topic: String
    let stateTopic: String
    let time = TestClock()
    /// How many sales are asked for at once.
    var pageSize = 10
    /// Where pages are kept; nil: nowhere.
    var pages: String?
    /// Stands between the client and the simulator.
    let line = Line()

    @BlockingActor
    init(
        _ sales: [String], on broker: TestBroker = .embedded, pageSize: Int = 10, stateSettings: [String: String] = [:],
        cluster given: KafkaConfiguration? = nil, _ change: @Sendable (inout SimulatorConfiguration) -> Void = { _ in }
    ) async throws {
        var configuration = SimulatorConfiguration(data: .rows(sales: sales, products: [], customers: []))
        change(&configuration)
        simulator = try RetailAPISimulator(configuration)
        topic = TestCluster.uniqueName("sales")
        stateTopic = TestCluster.uniqueName("state")
        self.pageSize = pageSize
        switch broker {
        case .embedded:
            let embedded = try EmbeddedCluster()
            try embedded.createTopic(topic, partitions: Int(Shop.partitions))
            try embedded.createTopic(stateTopic, partitions: 1)
            cluster = embedded.configuration
            self.embedded = embedded
        case .apacheKafka:
            if let given { cluster = given } else { cluster = try await broker.start().configuration }
            embedded = nil
            try AdminClient(cluster).createTopics(
                [
                    NewTopic(topic, partitions: Int(Shop.partitions)),
                    NewTopic(
                        stateTopic, partitions: 1,
                        settings: stateSettings.merging(["cleanup.policy": "compact"]) { given, _ in given }),
                ], timeoutMilliseconds: 30_000)
            try waitUntilUsable()
        }
    }

    /// A topic just made is led by nobody for a moment.
    @BlockingActor
    private func waitUntilUsable() throws {
        let admin = try AdminClient(cluster)
        let partitions =
            (0..<Shop.partitions).map { TopicPartition(topic: topic, partition: $0) }
            + [TopicPartition(topic: stateTopic, partition: 0)]
        let deadline = ContinuousClock.now + .seconds(30)
        for partition in partitions {
            while true {
                do {
                    _ = try admin.watermarks(of: partition, timeoutMilliseconds: 1_000)
                    break
                } catch {
                    guard ContinuousClock.now < deadline else { throw error }
                }
            }
        }
    }

    /// An extraction from the first sale on, unless `change` says otherwise.
    func extraction(
        _ change: (inout ExtractConfiguration) -> Void = { _ in }, known: (any KnownSales)? = nil,
        willBegin: @escaping @Sendable () throws -> Int? = { nil },
        willPublish: @escaping @Sendable (Int) async throws -> Void = { _ in },
        didPublish: @escaping @Sendable (Int, Int) -> Void = { _, _ in },
        didResweep: @escaping @Sendable (ResweepReport) async -> Void = { _ in },
        didChange: @escaping @Sendable (Health) -> Void = { _ in }
    ) throws -> SalesExtraction {
        var configuration = ExtractConfiguration(topic: topic, stateTopic: stateTopic, defaultStart: .id(1))
        change(&configuration)
        guard let key = APIKey("key") else { throw CancellationError() }
        let api = RetailAPIClient(
            configuration: RetailAPIConfiguration(baseURL: simulator.baseURL, key: key, pageSize: pageSize),
            clock: time.clock, transport: line.transport,
            archive: pages.map { PageArchive(directory: $0) })
        return SalesExtraction(
            configuration, cluster: cluster, api: api, clock: time.clock, known: known, timeZone: .utc,
            logger: .silent, willBegin: willBegin, willPublish: willPublish, didPublish: didPublish,
            didResweep: didResweep, didChange: didChange)
    }

    /// Publishes a page from a file.
    func publish(
        _ path: String, known: any KnownSales & PublishedPages,
        _ change: (inout ExtractConfiguration) -> Void = { _ in }
    ) async throws -> ExtractReport {
        var configuration = ExtractConfiguration(topic: topic, stateTopic: stateTopic, defaultStart: .id(1))
        change(&configuration)
        return try await PagePublication(
            configuration, cluster: cluster, known: known, timeZone: .utc, logger: .silent
        ).run(path: path)
    }

    /// Runs an extraction to its end.
    func extract(
        known: (any KnownSales)? = nil, _ change: (inout ExtractConfiguration) -> Void = { _ in }
    ) async throws -> ExtractReport {
        try await extraction(change, known: known).run()
    }

    /// All records of the sales topic, by partition and offset.
    func published(isolation: ConsumerConfiguration.Isolation = .readCommitted) async throws -> [Published] {
        try await blocking { try readAll(topic, partitions: Shop.partitions, of: cluster, isolation: isolation) }
    }

    /// The cursors of the state topic, as another program reads them.
    func cursors() async throws -> [String: ExtractCursor] {
        var cursors: [String: ExtractCursor] = [:]
        for record in try await states() {
            guard let key = record.key, !key.contains(".hours.") else { continue }
            cursors[key] = try Array(record.value.utf8).withUnsafeBytes { try ExtractCursor(json: $0) }
        }
        return cursors
    }

    /// What the state topic says was published, by hour.
    func counted() async throws -> [RecordHour: HourCount] {
        try await blocking { try CursorReader(cluster, topic: stateTopic).read().published }
    }

    /// All records of the state topic.
    func states(isolation: ConsumerConfiguration.Isolation = .readCommitted) async throws -> [Published] {
        try await blocking { try readAll(stateTopic, partitions: 1, of: cluster, isolation: isolation) }
    }

    /// Puts something into the state topic, as another program might.
    @BlockingActor
    func putState(key: String, value: String?) throws {
        let producer = try Producer(ProducerConfiguration(cluster))
        try producer.enqueue(
            topic: stateTopic, partition: 0, key: Array(key.utf8), value: value.map { Array($0.utf8) })
        try producer.flush(timeoutMilliseconds: 30_000)
    }

    /// The line between client and server: counts what is asked, and can be cut.
    final class Line: Sendable {
        private struct State {
            var urls: [String] = []
            var goodRequests = Int.max
            var onRequest: OnRequest?
        }

        /// Called before each request with its number, from 1, and its address; an answer given stands for the server's.
        typealias OnRequest = @Sendable (_ number: Int, _ url: String) async throws -> String?

        private let state = Mutex(State())
        private let http = HTTPClient(HTTPClientConfiguration())

        /// What was asked so far.
        var urls: [String] { state.withLock { $0.urls } }

        /// What happens before each request from now on.
        func onRequest(_ action: OnRequest?) { state.withLock { $0.onRequest = action } }

        /// Lets so many more requests through and refuses all behind them; nil: lets all through.
        func cut(after requests: Int?) { state.withLock { $0.goodRequests = requests ?? Int.max } }

        var transport: HTTPTransport {
            HTTPTransport { (url, headers) async throws(HTTPClientError) in
                let (isCut, number, action) = self.state.withLock { state in
                    state.urls.append(url)
                    if state.goodRequests == 0 { return (true, state.urls.count, state.onRequest) }
                    if state.goodRequests != Int.max { state.goodRequests -= 1 }
                    return (false, state.urls.count, state.onRequest)
                }
                do {
                    if let answer = try await action?(number, url) {
                        return HTTPResponse(status: 200, headers: HTTPHeaders(), body: Array(answer.utf8))
                    }
                } catch {
                    throw HTTPClientError(code: .connectionCut, url: url, reason: "\(error)")
                }
                if isCut { throw HTTPClientError(code: .connectionCut, url: url, reason: "as asked for") }
                return try await self.http.get(url, headers: headers)
            }
        }
    }
}

/// Makes a call that blocks on a thread of its own, so that tests do not wait for each other's.
func blocking<Result: Sendable>(_ call: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await BlockingQueue().run(call)
}

/// The error that a call ends with; nil if there is none.
func thrown(_ body: () async throws -> some Any) async -> (any Error)? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error
    }
}
