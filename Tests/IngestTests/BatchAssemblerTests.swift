@testable import Ingest
import Kafka
import KafkaTestKit
import Retail
import Testing
import Warehouse

@Suite(.timeLimit(.minutes(2)))
struct BatchAssemblerTests {
    struct Header: Sendable, CustomTestStringConvertible {
        /// The version header's bytes, or no header.
        let bytes: [UInt8]?
        /// What it counts as; nil: the record's time stands for it.
        let version: Int64?

        init(_ text: String?, _ version: Int64?) {
            bytes = text.map { Array($0.utf8) }
            self.version = version
        }

        var testDescription: String { bytes.map { String(decoding: $0, as: UTF8.self) } ?? "no header" }
    }

    static let headers = [
        Header(nil, nil), Header("", nil), Header("0", 0), Header("7", 7), Header("0007", 7),
        Header("1700000000000000", 1_700_000_000_000_000), Header("999999999999999999", 999_999_999_999_999_999),
        Header("1000000000000000000", nil), Header("99999999999999999999999999", nil), Header("-1", nil),
        Header("+1", nil), Header(" 1", nil), Header("1.0", nil), Header("1e3", nil), Header("١", nil),
        Header("12x", nil),
    ]

    // Catches a version that is read past its digits, overflows, or is taken as 0 where there is none.
    @Test(
        "The version header is plain decimal digits; anything else counts as no header, and the record's time orders it"
    )
    func versions() async throws {
        let shop = try await Shop.open()
        let versions = try await blocking { () -> [Int64] in
            for header in Self.headers {
                try shop.put(
                    Array(sale(1).utf8), headers: header.bytes.map { RecordHeaders([(name: "version", value: $0)]) },
                    timestampMilliseconds: 1_600_000_000_123)
            }
            return try shop.assembled(Self.headers.count).records.map(\.version)
        }
        for (header, version) in zip(Self.headers, versions) {
            #expect(version == header.version ?? 1_600_000_000_123_000, "\(header)")
        }
    }

    // Catches a multiplication that ends the process on a time that somebody else's program made up.
    @Test(
        "A time beyond the calendar is still a version, the greatest there is",
        arguments: [Int64.max / 1_000 + 1, Int64.max, 1_000_000_000_000_000])
    func absurdTime(_ milliseconds: Int64) async throws {
        let shop = try await Shop.open()
        let batch = try await blocking {
            try shop.put(Array(sale(1).utf8), timestampMilliseconds: milliseconds)
            return try shop.assembled(1)
        }
        #expect(batch.records.map(\.version) == [999_999_999_999_999_000])
    }

    // Catches records that are dropped or mixed up on their way: NULL is not empty, and neither is an error here.
    @Test(
        "Every record is in the batch: valid, refused, NULL and empty; offsets lead behind the last of each partition")
    func contents() async throws {
        let shop = try await Shop.open(partitions: 2)
        let batch = try await blocking {
            try shop.put(Array(sale(1).utf8), key: "1", headers: RecordHeaders(text: ["source_file": "page.json"]))
            try shop.put(nil, key: "2")
            try shop.put([], key: "3")
            try shop.put(Array("{".utf8), partition: 1)
            return try shop.assembled(4, partitions: 2)
        }
        #expect(batch.log == 3)
        #expect(batch.topic == shop.topic)
        #expect(batch.records.count == 4)
        #expect(batch.nextOffsets == [0: 3, 1: 1])
        #expect(batch.sales.rows.map(\.id) == [1])
        #expect(batch.sales.jsonRecords.count { $0 } == 1)
        #expect(batch.sales.refusals.count == 3)
        let refused = batch.sales.refusals.map { batch.records[Int($0.record)] }
        #expect(Set(refused.map { "\($0.partition)@\($0.offset)" }) == ["0@1", "0@2", "1@0"])
        for record in batch.records where record.partition == 0 {
            #expect((record.payload == nil) == (record.offset == 1))
            #expect((record.fileName == nil) == (record.offset != 0))
            if record.offset == 2 { #expect(record.payload?.isEmpty == true) }
        }
        let file = batch.records.first { $0.partition == 0 && $0.offset == 0 }?.fileName
        #expect(file.map { String(decoding: $0, as: UTF8.self) } == "page.json")
    }

    // Catches pointers that outlive their memory: the batch alone keeps the records, the consumer is gone.
    @Test("The bytes of a batch are good as long as the batch is, whatever became of the consumer")
    func lifetime() async throws {
        let shop = try await Shop.open()
        let (batch, expected) = try await blocking {
            try shop.publish(1...200, note: String(repeating: "n", count: 500))
            let batch = try shop.assembled(200)
            return (batch, (1...200).map { sale(Int64($0), note: String(repeating: "n", count: 500)) })
        }
        let read = batch.records.map { $0.payload.map { String(decoding: $0, as: UTF8.self) } }
        #expect(read == expected)
        #expect(
            batch.records.allSatisfy {
                $0.fileName.map { String(decoding: $0, as: UTF8.self) } == "sales_20260101_0000_x.json"
            })
    }
}

extension Shop {
    /// The first `count` records of the topic as one batch, the consumer closed.
    fileprivate func assembled(_ count: Int, partitions: Int32 = 1) throws -> IngestBatch {
        let consumer = try Consumer(
            ConsumerConfiguration(cluster.configuration, group: nil, isolation: .readUncommitted))
        try consumer.assign((0..<partitions).reduce(into: [:]) { $0[partition($1)] = LogicalOffset.beginning })
        let polled = try consumer.poll(
            recordsMax: count, waitMilliseconds: timeout, batchMilliseconds: timeout, idleMilliseconds: timeout)
        try consumer.close()
        return BatchAssembler(timeZone: .utc, log: 3, topic: topic).assemble(polled, of: 0..<100)
    }
}
