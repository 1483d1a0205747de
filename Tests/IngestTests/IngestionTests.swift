@testable import Ingest
import Kafka
import KafkaTestKit
import Testing
@testable import Warehouse

/// The way of records into the warehouse, on the embedded broker.
@Suite(.timeLimit(.minutes(3)))
struct IngestionTests {
    // Catches records that are left out anywhere on the way, and an end that is reached before it is.
    @Test("Everything that the topic held at the start is in raw and in ods, and committed, when ingestion ends")
    func everything() async throws {
        let shop = try await Shop.open(partitions: 4)
        try await blocking { try shop.publish(1...3_000, partitions: 4) }
        let report = try await shop.ingest()
        #expect(report.records == 3_000)
        #expect(report.counts.ods.inserted == 3_000)
        #expect(try shop.count("SELECT count(*) FROM raw.sales") == 3_000)
        #expect(try shop.count("SELECT count(DISTINCT partition * 10000 + offset) FROM raw.sales") == 3_000)
        #expect(try shop.count("SELECT count(*) FROM ods.sales WHERE id BETWEEN 1 AND 3000") == 3_000)
        #expect(try shop.count("SELECT count(*) FROM ods.sales_items") == 3_000)
        #expect(
            try shop.count("SELECT count(*) FROM raw.sales WHERE SYS_FILE_NAME = 'sales_20260101_0000_x.json'") == 3_000
        )
        let ends = try await blocking { try shop.ends(4) }
        #expect(ends == [0: 750, 1: 750, 2: 750, 3: 750])
        #expect(try await blocking { try shop.committed(4) } == ends)
        #expect(try shop.texts("SELECT next_offset FROM raw.offsets") == Array(repeating: "750", count: 4))
        #expect(try shop.texts("SELECT next_offset FROM ods.offsets") == Array(repeating: "750", count: 4))
    }

    @Test("A topic without a record ends at once, and so does one without anything new")
    func nothingNew() async throws {
        let shop = try await Shop.open(partitions: 2)
        #expect(try await shop.ingest().records == 0)
        try await blocking { try shop.publish(1...10, partitions: 2) }
        #expect(try await shop.ingest().counts.raw.inserted == 10)
        let dump = try shop.dump()
        let again = try await shop.ingest()
        // The last record of each partition comes once more: it proves that this is the log that was read.
        #expect(again.records == 2)
        #expect(again.counts.raw.known == 2)
        #expect(try shop.dump() == dump)
    }

    // Catches a batch that does not stop at its number of records.
    @Test("A batch closes at so many records")
    func byCount() async throws {
        let shop = try await Shop.open()
        try await blocking { try shop.publish(1...1_000) }
        let spy = SpyWriter(try shop.writer())
        _ = try await shop.ingest(writer: spy) {
            $0.batchRecords = 300
            $0.batchMilliseconds = 60_000
            $0.idleMilliseconds = 1_500
        }
        #expect(spy.batches.value.map { $0[0]?.count } == [300, 300, 300, 100])
    }

    // Catches a batch that waits for its number of records although no more come.
    @Test("A batch closes when nothing more came for a while")
    func byIdleness() async throws {
        let shop = try await Shop.open()
        let stop = StopSignal()
        let written = Watched(0)
        let report = try await during {
            try await shop.ingest(
                mode: .follow, stop: stop, hooks: .init(onBatch: { batch in written.update { $0 += batch.records } })
            ) {
                $0.batchMilliseconds = 600_000
                $0.idleMilliseconds = 20
            }
        } _: {
            defer { stop.stop() }
            try await blocking { try shop.publish(1...10) }
            try await written.wait { $0 == 10 }
        }
        #expect(report.records == 10)
    }

    // Catches a batch that stays open as long as records trickle.
    @Test("A batch closes so long after its first record, whatever else may come")
    func byAge() async throws {
        let shop = try await Shop.open()
        let stop = StopSignal()
        let spy = SpyWriter(try shop.writer())
        let report = try await during {
            try await shop.ingest(mode: .follow, writer: spy, stop: stop) {
                $0.batchMilliseconds = 200
                $0.idleMilliseconds = 600_000
            }
        } _: {
            defer { stop.stop() }
            try await blocking { try shop.publish(1...10) }
            try await spy.batches.wait { SpyWriter.ends(of: $0) == [0: 10] }
        }
        #expect(report.records == 10)
    }

    // Catches a stop that goes on reading, that leaves a batch unwritten which it has taken, or that does not commit it.
    @Test("A stop finishes and commits the batch in hand and takes no other")
    func stopsWithinABatch() async throws {
        let shop = try await Shop.open()
        try await blocking { try shop.publish(1...5_000) }
        let stop = StopSignal()
        let writer = try shop.writer()
        let spy = SpyWriter(writer) { if $0 == 2 { stop.stop() } }
        let report = try await shop.ingest(mode: .follow, writer: spy, stop: stop) { $0.batchRecords = 100 }
        // The third may have been taken already while the second was being written.
        #expect((200...300).contains(report.records))
        #expect(report.records == spy.batches.value.reduce(0) { $0 + ($1[0]?.count ?? 0) })
        #expect(!report.reachedEnd)
        #expect(try shop.count("SELECT count(*) FROM raw.sales") == report.records)
        #expect(try await blocking { try shop.committed() } == [0: Int64(report.records)])
        #expect(try await shop.ingest(writer: writer).reachedEnd)
        #expect(try shop.count("SELECT count(*) FROM ods.sales") == 5_000)
    }

    @Test("A stop before the start reads nothing")
    func stopsBeforeTheStart() async throws {
        let shop = try await Shop.open()
        try await blocking { try shop.publish(1...10) }
        let stop = StopSignal()
        stop.stop()
        let report = try await shop.ingest(stop: stop)
        #expect(report.records == 0)
        #expect(!report.reachedEnd)
    }

    // Catches a replay that writes anything: a revision, a time, a position that goes back.
    @Test("A replay from the first record on changes no row of any table", arguments: TestBroker.available)
    func replay(_ broker: TestBroker) async throws {
        let shop = try await Shop.open(broker, partitions: 2)
        try await blocking {
            try shop.publish(1...500, partitions: 2)
            try shop.publish(1...100, partitions: 2, version: 2_000)
            try shop.put(Array("{\"id\": 7}".utf8), headers: version(3_000))
            try shop.put(nil)
        }
        _ = try await shop.ingest()
        let dump = try shop.dump()
        #expect(dump.count > 1_500)
        // The embedded broker lets nobody alter the offsets of a group that had members a moment ago.
        let replay = broker == .embedded ? TestCluster.uniqueName("replay") : shop.group
        try await blocking {
            try AdminClient(shop.cluster.configuration).alterGroupOffsets(
                replay, [shop.partition(0): 0, shop.partition(1): 0], timeoutMilliseconds: timeout)
        }
        let report = try await shop.ingest(group: replay)
        #expect(report.records == 602)
        #expect(report.counts.raw.known == 602)
        #expect(try shop.dump() == dump)
        #expect(
            try await blocking { try shop.committed(2, group: replay) } == (try await blocking { try shop.ends(2) }))
    }

    // Catches an order of records without a version that depends on when they were read.
    @Test("Records of other producers are ordered by their time, then by partition and offset")
    func foreignRecords() async throws {
        let shop = try await Shop.open(partitions: 2)
        try await blocking {
            // Sale 1: the later time wins though it was written first. Sale 2: at the same time the later offset.
            // Sale 3: at the same time the higher partition. Sale 4: ours, in microseconds, is compared with theirs.
            func put(_ id: Int64, _ quantity: Int, at time: Int64, partition: Int32, headers: RecordHeaders? = nil)
                throws
            {
                try shop.put(
                    Array(sale(id, quantity: quantity).utf8), partition: partition, headers: headers,
                    timestampMilliseconds: time)
            }
            try put(1, 11, at: 2_000, partition: 0)
            try put(1, 12, at: 1_000, partition: 0)
            try put(2, 21, at: 1_000, partition: 0)
            try put(2, 22, at: 1_000, partition: 0)
            try put(3, 32, at: 1_000, partition: 1)
            try put(3, 31, at: 1_000, partition: 0)
            try put(4, 41, at: 5_000, partition: 0)
            try put(4, 42, at: 1, partition: 0, headers: version(5_000_001))
            try put(4, 43, at: 1, partition: 1, headers: version(4_999_999))
        }
        _ = try await shop.ingest()
        let kept = try shop.texts("SELECT sale_id || ':' || quantity FROM ods.sales_items ORDER BY sale_id")
        #expect(kept == ["1:11", "2:22", "3:32", "4:42"])
        #expect(
            try shop.texts("SELECT version FROM ods.sales ORDER BY id") == ["2000000", "1000000", "1000000", "5000001"])
        #expect(try shop.count("SELECT count(*) FROM raw.sales") == 9)
    }
}
