import Dispatch
import Foundation
import Ingest
import Kafka
import KafkaTestKit
import SQLite
import Testing
import Warehouse
@testable import retailflow

/// `replay` against a real Kafka, and without one.
@Suite(.enabled(if: ApacheKafka.home != nil, "KAFKA_HOME names no Apache Kafka"), .timeLimit(.minutes(3)))
struct ReplayCommandTests {
    /// A topic with two partitions, a group, and a warehouse of its own.
    private struct Place: Sendable {
        let kafka: KafkaPlace

        init() async throws {
            kafka = try await KafkaPlace()
            // The times of these records are long ago.
            try await kafka.makeTopics(partitions: 2, settings: ["retention.ms": "-1"])
        }

        var cluster: TestCluster { kafka.cluster }
        var topic: String { kafka.sales }
        var group: String { kafka.group }
        var shop: String { kafka.warehouse }

        func run(
            _ words: String..., servers: String? = nil, onError: @escaping @Sendable (String) -> Void = { _ in }
        ) async -> Program {
            await kafka.run(words, servers: servers, onError: onError)
        }

        func partition(_ number: Int32) -> TopicPartition { TopicPartition(topic: topic, partition: number) }

        /// One transaction of sales, odd ids in partition 1; record `id` has the timestamp `id` seconds. Sale 7 has a
        /// time with a zone, sale 8 breaks the rules.
        func publish(_ ids: ClosedRange<Int>) throws {
            let producer = try Producer(
                ProducerConfiguration(cluster.configuration, transactionalID: "\(group).producer"))
            try producer.initTransactions(timeoutMilliseconds: 30_000)
            try producer.beginTransaction()
            for id in ids {
                let time = id == 7 ? "2026-01-01T08:00:00Z" : "2026-01-01T08:00:00"
                let sale =
                    "{\"id\": \(id), \"datetime\": \"\(time)\", \"items\": [{\"product_sku\": \"A\", "
                    + "\"quantity\": \(id == 8 ? "1.5" : "1"), \"amount\": 1}]}"
                try producer.enqueue(
                    topic: topic, partition: Int32(id % 2), key: Array("\(id)".utf8), value: Array(sale.utf8),
                    headers: RecordHeaders(text: ["version": "1000", "source_file": "sales_1.json"]),
                    timestampMilliseconds: Int64(id) * 1_000)
            }
            try producer.commitTransaction(timeoutMilliseconds: 30_000)
        }

        /// Sales 1 to 40, ingested, with a mart.
        static func settled() async throws -> Place {
            let place = try await Place()
            try place.publish(1...40)
            #expect(await place.run("ingest").code == .done)
            #expect(await place.run("batch", "--only", "rebuild").code == .done)
            return place
        }

        func committed() throws -> [Int64?] {
            let admin = try AdminClient(cluster.configuration)
            let offsets = try admin.groupOffsets(group, timeoutMilliseconds: 30_000)
            return [offsets[partition(0)], offsets[partition(1)]]
        }

        /// Every row of every table of all files but of the book of runs, each value exactly.
        func dump(except schemas: Set<String> = []) throws -> [String] {
            var rows: [String] = []
            for schema in ["raw", "ods", "dmt", "ops"] where !schemas.contains(schema) {
                let database = try database()
                let tables = try texts(
                    "SELECT name FROM \(schema).sqlite_schema WHERE type = 'table' AND name <> 'runs' ORDER BY name",
                    database)
                for table in tables {
                    let columns = try texts(
                        "SELECT name FROM pragma_table_info('\(table)', '\(schema)')", database)
                    let shown = columns.map { "quote(\"\($0)\")" }.joined(separator: " || ' ' || ")
                    rows += try texts("SELECT \(shown) FROM \(schema).\"\(table)\" ORDER BY 1", database)
                        .map { "\(schema).\(table): \($0)" }
                }
            }
            return rows
        }

        func texts(_ sql: String) throws -> [String] { try texts(sql, try database()) }

        private func texts(_ sql: String, _ database: Database) throws -> [String] {
            let statement = try database.prepare(sql)
            var texts: [String] = []
            while try statement.step() { texts.append(statement.text(at: 0)) }
            return texts
        }

        private func database() throws -> Database {
            let database = try Database()
            for schema in ["raw", "ods", "dmt", "ops"] {
                try database.attach("\(shop)/\(schema).db", as: schema, access: .readOnly)
            }
            return database
        }

        func deleteOds() throws {
            for suffix in ["", "-wal", "-shm"] where FileManager.default.fileExists(atPath: "\(shop)/ods.db\(suffix)") {
                try FileManager.default.removeItem(atPath: "\(shop)/ods.db\(suffix)")
            }
        }
    }

    // Catches a replay that does nothing, one that touches rows, and figures that are not those of the records.
    @Test("A replay reads everything again and changes no row, not even a time")
    func unchanged() async throws {
        let place = try await Place.settled()
        let before = try place.dump()
        let offsets = try place.committed()
        let told = await place.run("--json", "replay", "--to", "earliest", "--dry-run")
        #expect(told.code == .done, "\(told.errors)")
        #expect(try place.committed() == offsets)

        let replay = await place.run("--json", "replay", "--to", "earliest")
        #expect(replay.code == .done, "\(replay.errors)")
        #expect(try place.committed() == [0, 0])
        let rows = try #require(try replay.json["partitions"] as? [[String: Any]])
        for (number, row) in rows.enumerated() {
            #expect(row["partition"] as? Int == number)
            // 20 records and the marker behind them.
            #expect(row["from"] as? Int == 21)
            #expect(row["to"] as? Int == 0)
            #expect(row["offsets"] as? Int == 21)
            #expect(row["records"] as? Int == 20)
            #expect(row["records_max"] as? Int == 20)
            #expect(row["sales"] as? Int == 20)
        }
        let toldRows = try #require(try told.json["partitions"] as? [[String: Any]])
        #expect(toldRows.map { $0["to"] as? Int } == [0, 0])

        let ingest = await place.run("--json", "ingest")
        #expect(try ingest.json["records"] as? Int == 40)
        #expect(try ingest.json["raw_new"] as? Int == 0)
        #expect(try place.dump() == before)
        #expect(try place.committed() == offsets)
        #expect(
            try place.texts("SELECT run || ' ' || outcome FROM ops.runs WHERE run = 'replay'") == ["replay done"])
    }

    // Catches rows that stay as an older setting judged them, although the hash of what the record says is the same.
    @Test("With another time zone the rows really change, from Kafka and from raw", arguments: [false, true])
    func otherZone(fromRaw: Bool) async throws {
        let place = try await Place.settled()
        let instants = try place.texts("SELECT instant FROM ods.sales ORDER BY id")
        let berlin = ["--set", "api.time_zone=Europe/Berlin"]
        if fromRaw {
            let replay = await place.run(berlin[0], berlin[1], "--json", "replay", "--from-raw")
            #expect(try replay.json["sales_changed"] as? Int == 39, "\(replay.errors)")
        } else {
            #expect(await place.run("replay", "--to", "earliest").code == .done)
            let ingest = await place.run(berlin[0], berlin[1], "--json", "ingest")
            #expect(try ingest.json["sales_changed"] as? Int == 39, "\(ingest.errors)")
        }
        // A local time is another instant now; sale 7 names its zone, so its local time is another one.
        let shifted = try place.texts("SELECT instant FROM ods.sales WHERE id <> 7 ORDER BY id")
        #expect(Set(shifted.compactMap { Int($0) }) == Set(instants.compactMap { Int($0).map { $0 - 3_600 } }))
        #expect(try place.texts("SELECT datetime FROM ods.sales WHERE id = 7") == ["2026-01-01 09:00:00"])
        #expect(try place.texts("SELECT instant FROM ods.sales WHERE id = 7") == [instants[0]])
        #expect(try place.texts("SELECT DISTINCT revision FROM ods.sales") == ["2"])
    }

    // Catches other partitions being moved, and times read in the wrong zone.
    @Test("An offset moves its partition alone; a time is read in its own zone or in api.time_zone")
    func places() async throws {
        let place = try await Place.settled()
        #expect(await place.run("replay", "--to-offset", "1:5").code == .done)
        #expect(try place.committed() == [21, 5])
        // Sale 30 is the 15th of partition 0 (offset 14), sale 31 the 16th of partition 1 (offset 15).
        for (time, zone, expected) in [
            ("1970-01-01T00:00:30Z", "Europe/Berlin", [Int64(14), 15]),
            ("1970-01-01T01:00:30", "Europe/Berlin", [14, 15]), ("1970-01-01 00:00:30", "UTC", [14, 15]),
            ("1970-01-01T02:00:31.9+02:00", "UTC", [15, 15]), ("1970-01-01", "UTC", [0, 0]),
            ("2030-01-01", "UTC", [21, 21]),
        ] {
            let run = await place.run("--set", "api.time_zone=\(zone)", "replay", "--to-datetime", time)
            #expect(run.code == .done, "\(run.errors)")
            #expect(try place.committed() == expected, "\(time)")
        }
    }

    @Test("An offset that Kafka has not is refused with those it has, and nothing is changed")
    func outside() async throws {
        let place = try await Place.settled()
        let before = try place.dump()
        let run = await place.run("replay", "--to-offset", "0:22")
        #expect(run.code.rawValue == 65)
        #expect(run.errors.contains("Kafka has offsets 0 to 20"))
        _ = try AdminClient(place.cluster.configuration).deleteRecords(
            before: [place.partition(0): 4], timeoutMilliseconds: 30_000)
        let lost = await place.run("replay", "--to-offset", "0:3")
        #expect(lost.code.rawValue == 65)
        #expect(lost.errors.contains("retailflow replay --from-raw --to-offset 0:3"))
        #expect(try place.committed() == [21, 21])
        #expect(try place.dump() == before)
        // As it advises.
        let advised = await place.run("--json", "replay", "--from-raw", "--to-offset", "0:3")
        #expect(try advised.json["records"] as? Int == 17, "\(advised.errors)")
        #expect(try place.dump() == before)
    }

    // Catches offsets that are set under the feet of a reader.
    @Test("While somebody reads in the group, nothing is set, and it is said who reads")
    func live() async throws {
        let place = try await Place.settled()
        let (assigned, assignment) = AsyncStream<Void>.makeStream()
        let ingest = Task {
            await place.run(
                "--log-level", "debug", "--set", "ingest.instance_id=shop-1", "ingest", "--follow",
                onError: { if $0.contains("partition assigned") { assignment.yield() } })
        }
        for await _ in assigned { break }
        for words in [["--to", "earliest"], ["--to-offset", "0:3"]] {
            let run = await place.run("replay", words[0], words[1])
            #expect(run.code.rawValue == 75, "\(run.errors)")
            #expect(run.errors.contains("instance shop-1"))
            #expect(run.errors.contains("client retailflow"))
        }
        for words in [["--skip-to", "0:21"], ["--from-raw", "--dry-run"]] {
            let run = await place.run("replay", words[0], words[1])
            #expect(run.code.rawValue == (words[0] == "--from-raw" ? 0 : 75), "\(run.errors)")
        }
        #expect(await place.run("replay", "--from-raw").code.rawValue == 75)
        let committed = try place.committed()
        #expect(committed == [21, 21])
        ingest.cancel()
        _ = await ingest.value
    }

    // Catches a skip that ingestion does not keep to, one that nobody can look up, and one that reaches further.
    @Test("A skip passes over records that nobody has read, notes it, and the rest is read")
    func skip() async throws {
        let place = try await Place.settled()
        try place.publish(41...60)
        let told = await place.run("replay", "--skip-to", "0:26", "--dry-run")
        #expect(told.output.contains("offsets 21 to 25 would be given up"), "\(told.errors)")
        #expect(try place.texts("SELECT 1 FROM ops.accepted_losses").isEmpty)
        for _ in 1...2 {
            let run = await place.run("replay", "--skip-to", "0:26")
            #expect(run.code == .done, "\(run.errors)")
            #expect(try place.committed() == [26, 21])
            #expect(
                try place.texts(
                    "SELECT partition || ' ' || first_offset || ' ' || end_offset FROM ops.accepted_losses")
                    == ["0 21 26"])
        }
        let ingest = await place.run("--json", "ingest")
        #expect(ingest.code == .done, "\(ingest.errors)")
        let read = try place.texts("SELECT id FROM ods.sales WHERE id > 40 ORDER BY id % 2, id")
        #expect(
            read == (Array(stride(from: 52, through: 60, by: 2)) + stride(from: 41, to: 60, by: 2)).map(String.init))
        #expect(try place.committed() == [32, 32])
        // Whoever thinks better of it reads them after all.
        #expect(await place.run("replay", "--to-offset", "0:21").code == .done)
        #expect(await place.run("ingest").code == .done)
        #expect(try place.texts("SELECT count(*) FROM ods.sales") == ["59"])
    }

    // Catches an ods that is not the one that was lost, or that stands elsewhere than raw.
    @Test("A lost ods comes back from raw alone, without any broker, and ingestion goes on where it was")
    func lostOds() async throws {
        let place = try await Place.settled()
        let before = try place.dump(except: ["dmt"])
        let port = try FreePorts.take(1)[0]
        let told = await place.run("--json", "replay", "--from-raw", "--dry-run", servers: "127.0.0.1:\(port)")
        let ranges = try #require(try told.json["ranges"] as? [[String: Any]])
        #expect(ranges.map { $0["records"] as? Int } == [20, 20])
        #expect(ranges.map { $0["sales"] as? Int } == [20, 20])
        try place.deleteOds()
        let replay = await place.run("--json", "replay", "--from-raw", servers: "127.0.0.1:\(port)")
        #expect(replay.code == .done, "\(replay.errors)")
        #expect(try replay.json["records"] as? Int == 40)
        #expect(try replay.json["sales_new"] as? Int == 39)
        #expect(try replay.json["rejects_new"] as? Int == 1)
        func timeless(_ rows: [String]) -> [String] {
            rows.filter { !$0.contains("ingest_state") }.map {
                $0.replacing(/'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z'/, with: "")
            }.sorted()
        }
        #expect(timeless(try place.dump(except: ["dmt"])) == timeless(before))
        let after = try place.dump()
        #expect(await place.run("replay", "--from-raw").code == .done)
        #expect(try place.dump() == after)
        try place.publish(41...50)
        let ingest = await place.run("--json", "ingest")
        #expect(try ingest.json["sales_new"] as? Int == 10, "\(ingest.errors)")
    }

    // Catches a replay that a signal does not end, and one that is called done although it was ended half-way.
    @Test("A replay from raw that is stopped is not done; what it wrote stays, and run again it completes")
    func stopped() async throws {
        let place = try await Place.settled()
        try place.deleteOds()
        let (ends, end) = AsyncStream<Void>.makeStream()
        let cancelled = DispatchSemaphore(value: 0)
        let replay = Task {
            await place.run(
                "--log-level", "debug", "replay", "--from-raw",
                onError: { text in
                    // The first partition is read; the second must wait until the signal is there.
                    guard text.contains("read again from raw") else { return }
                    end.yield()
                    cancelled.wait()
                    cancelled.signal()
                })
        }
        for await _ in ends { break }
        replay.cancel()
        cancelled.signal()
        let run = await replay.value
        #expect(run.code == .tryAgain, "\(run.errors)")
        #expect(
            try place.texts("SELECT outcome FROM ops.runs WHERE run = 'replay'") == ["stopped"])
        #expect(try place.texts("SELECT \"partition\" || ' ' || next_offset FROM ods.offsets") == ["0 21"])
        #expect(await place.run("replay", "--from-raw").code == .done)
        #expect(try place.texts("SELECT count(*) FROM ods.sales") == ["39"])
        #expect(try place.texts("SELECT next_offset FROM ods.offsets") == ["21", "21"])
    }

    @Test("Without a warehouse there is nothing to read again, and none is made")
    func noWarehouse() async throws {
        let place = try await Place()
        for words in [["--to", "earliest"], ["--from-raw", "--dry-run"], ["--from-raw", "--to=earliest"]] {
            let run = await place.run("replay", words[0], words[1])
            #expect(run.code.rawValue == 74, "\(run.errors)")
            #expect(run.errors.contains("there is no warehouse"))
        }
        #expect(!FileManager.default.fileExists(atPath: place.shop))
    }
}
