@testable import Ingest
import Kafka
import KafkaTestKit
import SQLite
import Testing
@testable import Warehouse

/// Rule 1: a batch is written, then, and only then, committed.
@Suite(.timeLimit(.minutes(3)))
struct WriteThenCommitTests {
    // Catches a commit of what was read instead of what was written.
    // Seen red with the mechanism taken out: scripts/mutations --only commit-before-write
    @Test("When a write fails nothing of it is committed, and the next run completes", arguments: [1, 3])
    func failedWrite(_ failing: Int) async throws {
        let shop = try await Shop.open()
        try await blocking { try shop.publish(1...500) }
        let writer = try shop.writer()
        let spy = SpyWriter(writer) { if $0 == failing { throw SpyFailure() } }
        await #expect(throws: SpyFailure.self) {
            try await shop.ingest(writer: spy) {
                $0.batchRecords = 100
                $0.batchMilliseconds = 60_000
            }
        }
        let written = try shop.count("SELECT count(*) FROM raw.sales")
        #expect(written == spy.batches.value.prefix(failing - 1).reduce(0) { $0 + ($1[0]?.count ?? 0) })
        #expect(try await blocking { try shop.committed() } == (written == 0 ? [:] : [0: Int64(written)]))
        let report = try await shop.ingest(writer: writer)
        #expect(report.reachedEnd)
        #expect(try shop.count("SELECT count(*) FROM raw.sales") == 500)
        #expect(try shop.count("SELECT count(*) FROM ods.sales") == 500)
        #expect(try await blocking { try shop.committed() } == [0: 500])
    }

    // Catches a commit that does not wait for the write.
    @Test("While a batch is being written nothing of it is committed")
    func slowWrite() async throws {
        let shop = try await Shop.open()
        try await blocking { try shop.publish(1...500) }
        let gate = Gate()
        let spy = SpyWriter(try shop.writer()) { if $0 == 2 { gate.pass() } }
        let report = try await during {
            try await shop.ingest(writer: spy) {
                $0.batchRecords = 100
                $0.batchMilliseconds = 60_000
                $0.idleMilliseconds = 1_000
            }
        } _: {
            defer { gate.open() }
            try await spy.batches.wait { $0.count == 2 }
            // The second batch is taken when the first is committed, and not written.
            #expect(try await blocking { try shop.committed() } == [0: 100])
        }
        #expect(report.records == 500)
        #expect(try await blocking { try shop.committed() } == [0: 500])
    }

    // Catches a batch that counts as written because one of the two files has it.
    @Test("When one of the two files can't be written nothing is committed; reading again completes both")
    func oneFileBusy() async throws {
        let shop = try await Shop.open()
        try await blocking { try shop.publish(1...50) }
        let writer = try shop.writer()
        let lock = try Database()
        try lock.attach("\(shop.directory)/ods.db", as: "ods", access: .readWrite)
        try lock.execute("BEGIN IMMEDIATE")
        let error = try await #require(throws: WarehouseError.self) { try await shop.ingest(writer: writer) }
        #expect(error.code == .busy)
        try lock.execute("ROLLBACK")
        #expect(try shop.count("SELECT count(*) FROM raw.sales") == 50)
        #expect(try shop.count("SELECT count(*) FROM ods.sales") == 0)
        #expect(try await blocking { try shop.committed() } == [:])
        let report = try await shop.ingest(writer: writer)
        #expect(report.counts.raw.known == 50)
        #expect(report.counts.ods.inserted == 50)
        #expect(try await blocking { try shop.committed() } == [0: 50])
    }

    // Catches a start that trusts the group's offset, or one of the files, alone.
    @Test("A file that lost its last commits is read for again", arguments: TestBroker.available, ["raw", "ods"])
    func olderFile(_ broker: TestBroker, _ file: String) async throws {
        let shop = try await Shop.open(broker)
        try await blocking { try shop.publish(1...100) }
        _ = try await shop.ingest()
        let putBack = try shop.copy(file)
        try await blocking { try shop.publish(101...200) }
        _ = try await shop.ingest()
        try putBack()
        #expect(try shop.count("SELECT count(*) FROM \(file).sales") == 100)
        _ = try await shop.ingest()
        #expect(try shop.count("SELECT count(*) FROM raw.sales") == 200)
        #expect(try shop.count("SELECT count(*) FROM ods.sales") == 200)
        #expect(try await blocking { try shop.committed() } == [0: 200])
    }

    @Test("A file that is gone is filled again", arguments: ["raw", "ods"])
    func missingFile(_ file: String) async throws {
        let shop = try await Shop.open(partitions: 2)
        try await blocking { try shop.publish(1...100, partitions: 2) }
        _ = try await shop.ingest()
        try shop.delete(file)
        _ = try await shop.ingest()
        #expect(try shop.count("SELECT count(*) FROM raw.sales") == 100)
        #expect(try shop.count("SELECT count(*) FROM ods.sales") == 100)
    }
}
