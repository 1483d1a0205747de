import Configuration
import Foundation
import Kafka
import KafkaTestKit
import Testing
import Warehouse
@testable import retailflow

/// Commands against a real Kafka.
@Suite(.enabled(if: ApacheKafka.home != nil, "KAFKA_HOME names no Apache Kafka"), .timeLimit(.minutes(3)))
struct KafkaCommandTests {
    // Catches a plan that changes something, an apply that leaves something, and a plan that never comes to rest.
    @Test("topics plan tells, apply does, and then there is nothing to do: create, raise partitions, set a config")
    func topics() async throws {
        let place = try await KafkaPlace()
        let path = place.directory.path
        try place.declare(partitions: 2, retention: "7d")
        for (partitions, retention, change) in [
            (2, "7d", "create with 2 partitions"), (3, "7d", "raise partitions from 2 to 3"),
            (3, "1d", "set retention.ms=86400000 (was 604800000)"),
        ] {
            try place.declare(partitions: partitions, retention: retention)
            for _ in 1...2 {
                let plan = await place.run("topics", "plan", "--directory", path)
                #expect(plan.code == .done, "\(plan.errors)")
                #expect(plan.output.contains(change), "\(plan.output)")
                #expect(plan.output.contains("retailflow topics apply"))
            }
            let apply = await place.run("topics", "apply", "--directory", path)
            #expect(apply.code == .done, "\(apply.errors)")
            #expect(apply.output.contains(change))
            let after = await place.run("--json", "topics", "plan", "--directory", path)
            #expect(after.output == "{\"applied\":false,\"changes\":[]}\n")
        }
        let again = await place.run("topics", "apply", "--directory", path)
        #expect(again.output == "the cluster has every topic as declared\n")
        try place.declare(partitions: 1, retention: "1d")
        let fewer = await place.run("topics", "apply", "--directory", path)
        #expect(fewer.output.contains("Kafka can't lower them"))
    }

    @Test("A topic that is missing is told with the command that makes it; nothing is made meanwhile")
    func missingTopic() async throws {
        let place = try await KafkaPlace()
        let run = await place.run("ingest")
        #expect(run.code.rawValue == 69)
        #expect(run.words.count == 1)
        #expect(run.errors.contains("the topic \(place.sales) does not exist"))
        #expect(run.errors.contains("retailflow topics apply"))
        #expect(!FileManager.default.fileExists(atPath: "\(place.directory.path)/shop"))
    }

    // Catches a lag that is not 0 when all is read, and positions that are not those of Kafka and of the files.
    @Test("ingest reads to the end, and status tells it")
    func ingestAndStatus() async throws {
        let place = try await KafkaPlace()
        try place.declare(partitions: 2, retention: "7d")
        #expect(await place.run("topics", "apply", "--directory", place.directory.path).code == .done)
        try place.publish(1...30)
        let ingest = await place.run("--json", "ingest")
        #expect(ingest.code == .done, "\(ingest.errors)")
        let report = try ingest.json
        #expect(report["records"] as? Int == 30)
        #expect(report["sales_new"] as? Int == 30)
        #expect(report["rejects_new"] as? Int == 0)
        try place.publish(31...40)

        let status = await place.run("--json", "status")
        let json = try status.json
        #expect(json["kafka"] as? String == "reachable")
        let partitions = try #require(json["partitions"] as? [[String: Any]])
        #expect(partitions.map { $0["partition"] as? Int } == [0, 1])
        #expect(partitions[0]["committed"] as? Int == 30)
        #expect(partitions[0]["end"] as? Int == 40)
        #expect(partitions[0]["lag"] as? Int == 10)
        #expect(partitions[0]["raw_next"] as? Int == 30)
        #expect(partitions[0]["ods_next"] as? Int == 30)
        #expect(partitions[1]["lag"] as? Int == 0)
        let runs = (json["warehouse"] as? [String: Any])?["lastRuns"] as? [[String: Any]]
        #expect(runs?.first?["run"] as? String == "ingest")
        #expect(runs?.first?["outcome"] as? String == "done")
        let text = await place.run("status").output
        #expect(text.contains("sales      30 with 30 lines (raw: 30 records)"))
    }

    @Test("A warehouse that another process ingests into: try again")
    func busy() async throws {
        let place = try await KafkaPlace()
        try place.declare(partitions: 1, retention: "7d")
        #expect(await place.run("topics", "apply", "--directory", place.directory.path).code == .done)
        let warehouse = try SQLiteWarehouse(directory: "\(place.directory.path)/shop", clock: { 0 })
        let other = try SQLiteSalesWriter(warehouse, codeVersion: "test")
        let run = await place.run("ingest")
        #expect(run.code.rawValue == 75, "\(run.errors)")
        #expect(run.words.count == 1)
        withExtendedLifetime(other) {}
    }

    // Catches a command that says done although a signal ended it before the end, and one that a signal does not end.
    @Test("An ingest that is stopped before the end is not done; one that follows is")
    func stopped() async throws {
        for follows in [false, true] {
            let place = try await KafkaPlace()
            try place.declare(partitions: 1, retention: "7d")
            #expect(await place.run("topics", "apply", "--directory", place.directory.path).code == .done)
            // Reading to the end waits for a transaction that stays open.
            let producer = try Producer(
                ProducerConfiguration(place.cluster.configuration, transactionalID: place.group))
            try producer.initTransactions(timeoutMilliseconds: 30_000)
            try place.publish(1...5)
            try producer.beginTransaction()
            try place.publish(6...10, by: producer)
            let (batches, batch) = AsyncStream<Void>.makeStream()
            let ingest = Task {
                await place.run(
                    "--log-level", "debug", "ingest", follows ? "--follow" : "--until-end",
                    onError: { if $0.contains("batch written") { batch.yield() } })
            }
            for await _ in batches { break }
            ingest.cancel()
            let run = await ingest.value
            #expect(run.code == (follows ? .done : .tryAgain), "\(run.errors)")
            #expect(run.words.count == (follows ? 0 : 1))
            let json = try await place.run("--json", "status").json
            let runs = (json["warehouse"] as? [String: Any])?["lastRuns"] as? [[String: Any]]
            #expect(runs?.first?["outcome"] as? String == (follows ? "done" : "stopped"))
            let partitions = json["partitions"] as? [[String: Any]]
            #expect(partitions?.first?["committed"] as? Int == 5)
            try producer.abortTransaction(timeoutMilliseconds: 30_000)
        }
    }

    // Catches a breaker that ends with another code, does not say what changed, or shows what records hold.
    @Test("A flood of rejects is refused data: where it began, what is wrong, how a record looks, and no value of it")
    func breaker() async throws {
        let place = try await KafkaPlace()
        try place.declare(partitions: 1, retention: "7d")
        #expect(await place.run("topics", "apply", "--directory", place.directory.path).code == .done)
        try place.publish(1...10)
        let producer = try Producer(ProducerConfiguration(place.cluster.configuration))
        for id in 11...1_100 {
            let sale = "{\"id\": \(id), \"when\": \"2026-01-01\", \"customer_id\": \"anna\", \"items\": []}"
            try producer.enqueue(
                topic: place.sales, partition: 0, key: Array("\(id)".utf8), value: Array(sale.utf8),
                headers: RecordHeaders(text: ["version": "1000"]))
        }
        try producer.flush(timeoutMilliseconds: 30_000)
        let refused = await place.run("ingest")
        #expect(refused.code.rawValue == 65, "\(refused.errors)")
        #expect(refused.words.count == 1)
        for words in [
            "datetime missing ×", "\(place.sales)[0]@10 is the first of them",
            "looks like {\"id\": integer, \"when\": string(10), \"customer_id\": string(4), \"items\": []}",
            "retailflow ingest --accept-rejects",
        ] {
            #expect(refused.errors.contains(words), "\(refused.errors)")
        }
        #expect(!refused.errors.contains("anna"))
        let accepted = await place.run("--json", "ingest", "--accept-rejects")
        #expect(accepted.code == .done, "\(accepted.errors)")
        let list = try await place.run("--json", "rejects", "list").json
        #expect(list["rejects"] as? Int == 1_090)
    }

    // Catches loss that is told with another code than refused data.
    @Test("A lost range is refused data; --accept-loss goes on")
    func lostRange() async throws {
        let place = try await KafkaPlace()
        try place.declare(partitions: 1, retention: "7d")
        #expect(await place.run("topics", "apply", "--directory", place.directory.path).code == .done)
        try place.publish(1...10)
        #expect(await place.run("ingest").code == .done)
        try place.publish(11...20)
        _ = try AdminClient(place.cluster.configuration).deleteRecords(
            before: [TopicPartition(topic: place.sales, partition: 0): 15], timeoutMilliseconds: 30_000)
        let refused = await place.run("ingest")
        #expect(refused.code.rawValue == 65)
        #expect(refused.words.count == 1)
        #expect(refused.errors.contains("offsets 10 to 14"))
        let accepted = await place.run("ingest", "--accept-loss")
        #expect(accepted.code == .done, "\(accepted.errors)")
        #expect(accepted.output.contains("5 new sales"))
    }
}

extension KafkaPlace {
    fileprivate func run(
        _ words: String..., onError: @escaping @Sendable (String) -> Void = { _ in }
    ) async -> Program {
        await run(words, onError: onError)
    }

    fileprivate func declare(partitions: Int, retention: String) throws {
        try directory.write(
            "sales.yaml",
            """
            name: \(sales)
            partitions: \(partitions)
            retention: \(retention)
            cleanup_policy: delete
            configs:
              message.timestamp.type: CreateTime
            value_schema: {format: json, version: 1}
            """)
        try directory.write(
            "state.yaml",
            """
            name: \(state)
            partitions: 1
            cleanup_policy: compact
            value_schema: {format: json, version: 1}
            """)
    }

    fileprivate func publish(_ ids: ClosedRange<Int>, by producer: Producer? = nil) throws {
        let producer = try producer ?? Producer(ProducerConfiguration(cluster.configuration))
        for id in ids {
            let sale =
                "{\"id\": \(id), \"datetime\": \"2026-01-01T08:00:00\", \"items\": [{\"product_sku\": \"A\", "
                + "\"quantity\": 1, \"amount\": 1}]}"
            try producer.enqueue(
                topic: self.sales, partition: 0, key: Array("\(id)".utf8), value: Array(sale.utf8),
                headers: RecordHeaders(text: ["version": "1000"]))
        }
        try producer.flush(timeoutMilliseconds: 30_000)
    }
}
