@testable import Ingest
import Kafka
import KafkaTestKit
import Retail
import Testing
@testable import Warehouse

/// Rule 7: a bad record never stops the stream and is never lost.
@Suite(.timeLimit(.minutes(3)))
struct BadRecordTests {
    struct Record: Sendable {
        let name: String
        let value: [UInt8]?
        var key: String? = "k"
        /// Whether it is a sale; else a reject.
        var isSale = false
    }

    static let records: [Record] = [
        Record(name: "not JSON", value: Array("hello".utf8)),
        Record(name: "cut off", value: Array(sale(1).utf8.dropLast(5))),
        Record(name: "NULL", value: nil),
        Record(name: "empty", value: []),
        Record(name: "an array", value: Array("[1, 2]".utf8)),
        Record(name: "wrong types", value: Array("{\"id\": {}, \"datetime\": 5, \"items\": \"none\"}".utf8)),
        Record(name: "missing fields", value: Array("{\"id\": 2}".utf8)),
        Record(name: "a valid sale without a key", value: Array(sale(3).utf8), key: nil, isSale: true),
        Record(
            name: "a megabyte of a sale", value: Array(sale(4, note: String(repeating: "x", count: 900_000)).utf8),
            isSale: true),
        Record(name: "a megabyte of nothing", value: [UInt8](repeating: 0, count: 900_000)),
        Record(
            name: "a key twice",
            value: Array("{\"id\": 5, \"id\": 6, \"datetime\": \"2026-01-01T08:00:00\", \"items\": []}".utf8)),
        Record(
            name: "invalid UTF-8",
            value: Array("{\"id\": 7, \"datetime\": \"2026-01-01T08:00:00\", \"customer_id\": \"".utf8) + [0xC3, 0x28]
                + Array("\", \"items\": []}".utf8)),
        Record(name: "unknown fields", value: Array(sale(8, note: "ü").utf8), isSale: true),
        Record(name: "nested too deep", value: Array(String(repeating: "[", count: 100_000).utf8)),
        Record(name: "a valid sale behind them all", value: Array(sale(9).utf8), isSale: true),
    ]

    // Catches a record that stops the stream, is dropped, is changed in raw, or is neither a sale nor a reject.
    @Test("Whatever a record holds, it is in raw byte for byte, and in ods or the rejects")
    func everyRecord() async throws {
        let shop = try await Shop.open()
        try await blocking {
            for record in Self.records { try shop.put(record.value, key: record.key, headers: version(1_000)) }
        }
        let report = try await shop.ingest()
        #expect(report.records == Self.records.count)
        #expect(report.counts.ods.inserted == Self.records.count { $0.isSale })
        for (offset, record) in Self.records.enumerated() {
            let place = "partition = 0 AND offset = \(offset)"
            let stored = try shop.text("SELECT quote(payload) FROM raw.sales WHERE \(place)")
            #expect((stored == quoted(record.value)) as Bool, "\(record.name)")
            #expect(
                try shop.count("SELECT count(*) FROM ods.sales WHERE \(place)") == (record.isSale ? 1 : 0),
                "\(record.name)")
            #expect(
                try shop.count("SELECT count(*) FROM ods.sales_reject_positions WHERE \(place)")
                    == (record.isSale ? 0 : 1), "\(record.name)")
        }
        #expect(try await blocking { try shop.committed() } == [0: Int64(Self.records.count)])
    }

    // Catches a breaker that writes the batch first, and one that can't be overruled.
    @Test("A flood of rejects stops before the batch that trips, until somebody accepts it")
    func breakerStops() async throws {
        let shop = try await Shop.open()
        try await blocking {
            try shop.publish(1...2_000)
            try shop.flood(2_001...2_600)
            try shop.publish(2_601...3_000)
        }
        let cut: @Sendable (inout IngestConfiguration) -> Void = {
            $0.batchRecords = 500
            $0.batchMilliseconds = 60_000
            $0.idleMilliseconds = 1_000
        }
        // It stops at the same batch as often as it is started; a later start begins with a record that it knows.
        for new in [500, 499] {
            let error = try await #require(throws: IngestError.self) { try await shop.ingest(configure: cut) }
            #expect(error.code == .tooManyRejects)
            #expect(error.description.contains("\(new) of the last \(2_000 + new) records were refused"))
            #expect(error.description.contains("items missing ×\(new)"))
            #expect(error.description.contains("\(shop.topic)[0]@2000 is the first of them"))
            #expect(error.description.contains("looks like {\"id\": integer, \"datetime\": string(19)}"))
            #expect(error.description.contains("retailflow ingest --accept-rejects"))
            #expect(try shop.count("SELECT count(*) FROM raw.sales") == 2_000)
            #expect(try shop.count("SELECT count(*) FROM ods.sales_rejects") == 0)
            #expect(try await blocking { try shop.committed() } == [0: 2_000])
        }
        let report = try await shop.ingest {
            cut(&$0)
            $0.acceptsRejects = true
        }
        #expect(report.counts.ods.newRejects == 600)
        #expect(try shop.count("SELECT count(*) FROM raw.sales") == 3_000)
        #expect(try shop.count("SELECT count(*) FROM ods.sales") == 2_400)
        #expect(try shop.count("SELECT count(*) FROM ods.sales_rejects WHERE state = 'open'") == 600)
        // What was accepted does not stop the next run.
        try await blocking { try shop.publish(3_001...3_100) }
        #expect(try await shop.ingest(configure: cut).reachedEnd)
    }

    // Catches a run of rejects that is forgotten because the program was started again in its middle.
    @Test("A run of rejects is counted over a restart")
    func runOverRestart() async throws {
        let shop = try await Shop.open()
        let limits: @Sendable (inout IngestConfiguration) -> Void = {
            $0.rejectPercentMax = 100
            $0.consecutiveRejectsMax = 100
        }
        try await blocking {
            try shop.publish(1...10)
            try shop.flood(11...70)
        }
        #expect(try await shop.ingest(configure: limits).counts.ods.newRejects == 60)
        try await blocking { try shop.flood(71...111) }
        let error = try await #require(throws: IngestError.self) { try await shop.ingest(configure: limits) }
        #expect(error.description.contains("101 records in a row were refused"))
        // The run began before the restart.
        #expect(error.description.contains("\(shop.topic)[0]@10 is the first of them"))
        #expect(try shop.count("SELECT count(*) FROM raw.sales") == 70)
    }

    // Catches a breaker that holds against the source what it refused before.
    @Test("Rejects that are known do not count, neither in the share nor in a row")
    func knownRejects() async throws {
        let shop = try await Shop.open()
        let limits: @Sendable (inout IngestConfiguration) -> Void = { $0.consecutiveRejectsMax = 50 }
        try await blocking { try shop.flood(1...40) }
        _ = try await shop.ingest(configure: limits)
        try await blocking {
            try shop.publish(1_000...1_010)
            for _ in 1...3 { try shop.flood(1...40) }
            try shop.flood(41...41)
        }
        let report = try await shop.ingest {
            limits(&$0)
            $0.batchMilliseconds = 60_000
            $0.idleMilliseconds = 1_000
        }
        #expect(report.counts.ods.newRejects == 1)
        #expect(report.counts.ods.knownRejects == 121)
        #expect(report.reachedEnd)
    }

    // Catches a breaker that counts a second time what a replay brings again.
    @Test("A replay of many rejects stops nobody")
    func replayedRejects() async throws {
        let shop = try await Shop.open()
        try await blocking { try shop.flood(1...1_500) }
        _ = try await shop.ingest { $0.acceptsRejects = true }
        try shop.delete("ods")
        _ = try await shop.ingest { $0.acceptsRejects = true }
        let replay = TestCluster.uniqueName("replay")
        try await blocking {
            try AdminClient(shop.cluster.configuration).alterGroupOffsets(
                replay, [shop.partition(0): 0], timeoutMilliseconds: timeout)
        }
        #expect(try await shop.ingest(group: replay).counts.ods.knownRejects == 1_500)
    }
}

extension Shop {
    /// Sales without their items, each another content.
    fileprivate func flood(_ ids: ClosedRange<Int64>) throws {
        let producer = try producer()
        for id in ids {
            try producer.enqueue(
                topic: topic, partition: 0, key: Array("\(id)".utf8),
                value: Array("{\"id\": \(id), \"datetime\": \"2026-01-01T08:00:00\"}".utf8), headers: version(1_000))
        }
        try producer.flush(timeoutMilliseconds: timeout)
    }
}

/// As SQLite's `quote` shows bytes.
private func quoted(_ bytes: [UInt8]?) -> String {
    guard let bytes else { return "NULL" }
    let digits = Array("0123456789ABCDEF".utf8)
    return "X'" + String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self) + "'"
}
