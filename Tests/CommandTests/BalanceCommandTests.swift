import Extract
import Foundation
import Kafka
import KafkaTestKit
import Retail
import RetailAPI
import RetailAPISimulator
import SQLite
import Telemetry
import Testing
@testable import retailflow

/// The balance of a pipeline on a real Kafka, from extraction to batch.
@Suite(.enabled(if: ApacheKafka.home != nil, "KAFKA_HOME names no Apache Kafka"), .timeLimit(.minutes(5)))
struct BalanceCommandTests {
    /// A shop whose sales were extracted in hours that are over, with topics and a warehouse of its own.
    private struct Place: Sendable {
        let kafka: KafkaPlace
        let simulator: RetailAPISimulator

        init() async throws {
            kafka = try await KafkaPlace()
            let rows = (1...40).map { id in
                "{\"id\": \(id), \"datetime\": \"2026-01-01T08:00:00\", \"customer_id\": \"C\", \"items\": "
                    + "[{\"product_sku\": \"\(id % 2 == 0 ? "A" : "Z")\", \"quantity\": 1, \"amount\": 1}]}"
            }
            simulator = try RetailAPISimulator(
                SimulatorConfiguration(
                    data: .rows(
                        sales: rows + ["{\"id\": 41}"],
                        products: ["{\"product_sku\": \"A\", \"description\": \"a\", \"unit_amount\": 1}"],
                        customers: ["{\"customer_id\": \"C\", \"emails\": [], \"phone_numbers\": []}"])))
            try await kafka.makeTopics(partitions: 3)
        }

        var warehouse: String { kafka.warehouse }

        func run(_ words: String...) async -> Program {
            await kafka.run(words, settings: ["api.base_url=\(simulator.baseURL)"])
        }

        /// Extracts as it would have been so many hours ago.
        func extract(hoursAgo: Int64) async throws {
            var configuration = ExtractConfiguration(topic: kafka.sales, stateTopic: kafka.state, defaultStart: .id(1))
            configuration.overlapSales = 0
            // From the middle of that hour on, so that no page falls into the next.
            let begun = SystemClock.microseconds()
            let middle =
                RecordHour(number: RecordHour(version: begun).number - hoursAgo).versions.lowerBound
                + RecordHour.microseconds / 2
            let clock = APIClock(
                nowMicroseconds: { middle + SystemClock.microseconds() - begun },
                sleep: APIClock.system.sleep, random: { 0.5 })
            let api = RetailAPIClient(
                configuration: RetailAPIConfiguration(
                    baseURL: simulator.baseURL, key: try #require(APIKey("key")), pageSize: 10),
                clock: clock)
            _ = try await SalesExtraction(
                configuration, cluster: kafka.cluster.configuration, api: api, clock: clock, known: nil, timeZone: .utc,
                logger: .silent
            ).run()
        }

        func execute(_ file: String, _ sql: String) throws {
            let database = try Database()
            try database.attach("\(warehouse)/\(file).db", as: file, access: .readWrite)
            try database.execute(sql)
        }

        func hours(_ state: String) throws -> String? {
            let database = try Database()
            try database.attach("\(warehouse)/ops.db", as: "ops", access: .readOnly)
            return try database.text(
                "SELECT group_concat(published || '/' || ifnull(records, '-')) FROM ops.balance WHERE state = '\(state)'"
            )
        }
    }

    // Catches a balance that compares a counter with itself, that never closes, or that nobody hears of.
    @Test(
        "An hour balances; a raw row or an ods row that is gone ends the batch with 65, its hour and its id; repaired, it balances"
    )
    func balance() async throws {
        let place = try await Place()
        try await place.extract(hoursAgo: 3)
        // Nothing ingested yet: open, and no failure.
        let early = await place.run("batch")
        #expect(early.code == .done, "\(early.errors)")
        #expect(early.output.contains("balance: open: 1 hour"))
        #expect(await place.run("status").output.contains("balance    no hour yet; 1 open"))

        #expect(await place.run("ingest").code == .done)
        let batch = await place.run("--json", "batch")
        #expect(batch.code == .done, "\(batch.errors)")
        let balance = try #require(try batch.json["balance"] as? [String: Any])
        let hour = try #require((balance["hours"] as? [[String: Any]])?.first)
        #expect(hour["state"] as? String == "balanced")
        #expect(hour["published"] as? Int == 41 && hour["raw"] as? Int == 41)
        #expect(hour["sales"] as? Int == 41 && hour["stored"] as? Int == 40 && hour["refused"] as? Int == 1)
        let mart = try #require(balance["mart"] as? [String: Any])
        #expect(mart["lines"] as? Int == 40 && mart["rows"] as? Int == 20 && mart["orphans"] as? Int == 20)
        let name = try #require(hour["hour"] as? String)
        #expect(await place.run("status").output.contains("balance    up to hour \(name)\n"))

        try place.execute("ods", "DELETE FROM ods.sales_items WHERE sale_id = 7; DELETE FROM ods.sales WHERE id = 7")
        let lostSale = await place.run("batch", "--only", "balance")
        #expect(lostSale.code.rawValue == 65, "\(lostSale.errors)")
        #expect(lostSale.words.count == 1)
        #expect(lostSale.errors.contains("hour \(name): 41 records published, 41 in raw"))
        #expect(lostSale.errors.contains("sales 7;"), "\(lostSale.errors)")

        try place.execute("raw", "DELETE FROM raw.sales WHERE partition = 0 AND \"offset\" = 0")
        let lost = await place.run("--json", "batch", "--only", "balance")
        #expect(lost.code.rawValue == 65)
        #expect(lost.errors.contains("hour \(name): 41 records published, 40 in raw"))
        #expect(lost.output.contains("\"state\":\"different\""))
        let status = await place.run("status").output
        #expect(status.contains("DIFFERENT in \(name)"), "\(status)")
        let run = try #require(
            ((try await place.run("--json", "status").json["warehouse"] as? [String: Any])?["lastRuns"]
                as? [[String: Any]])?.first)
        #expect(run["run"] as? String == "balance" && run["outcome"] as? String == "failed")

        // The log still has them: read again, they are where they belong.
        try place.execute("raw", "DELETE FROM raw.offsets")
        try place.execute("ods", "DELETE FROM ods.offsets")
        #expect(await place.run("ingest").code == .done)
        let repaired = await place.run("batch", "--only", "balance")
        #expect(repaired.code == .done, "\(repaired.errors)")
        #expect(try place.hours("balanced") == "41/41")
        #expect(try place.hours("different") == nil)
    }

    @Test("Hours over several runs and walks balance; a difference can be accepted, and a further one is told again")
    func hours() async throws {
        let place = try await Place()
        try await place.extract(hoursAgo: 5)
        try place.simulator.publish(sale: "{\"id\": 50, \"datetime\": \"2026-01-01T08:00:00\", \"items\": []}")
        try await place.extract(hoursAgo: 2)
        // Another producer's record is none of extraction's.
        let producer = try Producer(ProducerConfiguration(place.kafka.cluster.configuration))
        let version = SystemClock.microseconds() - 2 * RecordHour.microseconds
        try producer.enqueue(
            topic: place.kafka.sales, partition: 0, key: nil, value: Array("not ours".utf8),
            headers: RecordHeaders(text: ["version": String(version)]))
        try producer.flush(timeoutMilliseconds: 30_000)
        #expect(await place.run("ingest").code == .done)
        let batch = await place.run("batch", "--only", "balance")
        #expect(batch.code == .done, "\(batch.errors)")
        #expect(try place.hours("balanced") == "41/41,1/1")

        try place.execute("raw", "DELETE FROM raw.sales WHERE CAST(payload AS TEXT) LIKE '%\"id\": 50%'")
        #expect(await place.run("batch", "--only", "balance").code.rawValue == 65)
        let accepted = await place.run("batch", "--only", "balance", "--accept-balance")
        #expect(accepted.code == .done, "\(accepted.errors)")
        #expect(await place.run("batch", "--only", "balance").code == .done)
        #expect(try place.hours("accepted") == "1/0")
        try place.execute("raw", "DELETE FROM raw.sales WHERE CAST(payload AS TEXT) LIKE '%\"id\": 4,%'")
        let further = await place.run("batch", "--only", "balance")
        #expect(further.code.rawValue == 65)
        #expect(further.errors.contains("41 records published, 40 in raw"))
        #expect(!further.errors.contains("1 records published, 0 in raw"))
    }

    @Test("Records accepted as lost explain their hour")
    func acceptedLoss() async throws {
        let place = try await Place()
        try await place.extract(hoursAgo: 4)
        #expect(await place.run("ingest").code == .done)
        for id in 60...69 {
            try place.simulator.publish(
                sale: "{\"id\": \(id), \"datetime\": \"2026-01-01T08:00:00\", \"items\": []}")
        }
        try await place.extract(hoursAgo: 3)
        let admin = try AdminClient(place.kafka.cluster.configuration)
        let partition = TopicPartition(topic: place.kafka.sales, partition: 0)
        let end = try admin.watermarks(of: partition, timeoutMilliseconds: 30_000).upperBound
        _ = try admin.deleteRecords(before: [partition: end], timeoutMilliseconds: 30_000)
        #expect(await place.run("ingest").code.rawValue == 65)
        let ingest = await place.run("ingest", "--accept-loss")
        #expect(ingest.code == .done, "\(ingest.errors)")
        let batch = await place.run("batch", "--only", "balance")
        #expect(batch.code == .done, "\(batch.errors)")
        let accepted = try #require(try place.hours("accepted"))
        #expect(accepted.hasPrefix("10/"))
        #expect(try place.hours("balanced") == "41/41")
    }

    @Test("A broker that is gone, or that is embedded, leaves the balance open, which is no failure")
    func unreachable() async throws {
        let directory = try TemporaryDirectory()
        let port = try FreePorts.take(1)[0]
        let warehouse = ["--set", "warehouse.url=sqlite:\(directory.path)/shop"]
        let gone = await Program.run(
            ["batch", "--only", "rebuild,balance", "--set", "kafka.bootstrap_servers=127.0.0.1:\(port)"] + warehouse)
        #expect(gone.code == .done, "\(gone.errors)")
        #expect(gone.output.contains("balance: no hour compared: Kafka can't be asked"))
        #expect(gone.output.contains("balance: mart: 0 lines of ods = 0 rows + 0 orphans"))
        let embedded = await Program.run(["batch", "--only", "balance"] + warehouse)
        #expect(embedded.code == .done)
        #expect(embedded.output.contains("no hour compared: kafka.bootstrap_servers is embedded"))
    }
}
