@testable import Ingest
import Dispatch
import Kafka
import KafkaTestKit
import SQLite
import Synchronization
import Telemetry
import Testing
@testable import Warehouse

/// The warehouse is out of order while ingestion follows.
@Suite(.timeLimit(.minutes(3)))
struct OutageTests {
    /// Follows the topic through what `body` does to the warehouse, and gives back what was logged.
    private func follow(
        _ shop: Shop, _ spy: SpyWriter, _ body: @escaping @Sendable (_ read: Watched<Int64>) async throws -> Void
    ) async throws -> [String] {
        let stop = StopSignal()
        let read = Watched<Int64>(0)
        let lines = Mutex<[String]>([])
        let logger = Logger(
            level: .warning, format: .text, clock: { 0 }, sink: { line in lines.withLock { $0.append(line) } })
        _ = try await during {
            try await shop.ingest(
                mode: .follow, writer: spy, stop: stop,
                hooks: .init(
                    onBatch: { _ in
                        let end = (try? shop.count("SELECT next_offset FROM ods.offsets")) ?? 0
                        read.update { $0 = Int64(end) }
                    }, logger: logger))
        } _: {
            defer { stop.stop() }
            try await body(read)
        }
        return lines.withLock { $0 }
    }

    private func expectAll(_ count: Int, in shop: Shop) async throws {
        #expect(try shop.count("SELECT count(*) FROM raw.sales") == count)
        #expect(try shop.count("SELECT count(*) FROM ods.sales") == count)
        #expect(try await blocking { try shop.committed() } == [0: Int64(count)])
    }

    // Catches an end at the first outage, a commit of what the outage kept from being written, and records that are
    // skipped because pausing threw them away. Taken out: `waitOut` throws; `restart` leaves the positions.
    @Test(
        "A warehouse that refuses batches for a while is waited for, and not a record is missing",
        arguments: TestBroker.available)
    func refusesForAWhile(_ broker: TestBroker) async throws {
        let shop = try await Shop.open(broker)
        try await blocking { try shop.publish(1...300) }
        let committed = Watched<[Int32: Int64]>([:])
        let spy = SpyWriter(try shop.writer()) { number in
            guard (2...5).contains(number) else { return }
            if number == 5 {
                let now = try shop.committed()
                committed.update { $0 = now }
            }
            throw WarehouseError(code: .full, what: "the disk is full", place: "here", remedy: "free some")
        }
        let lines = try await follow(shop, spy) { read in
            try await read.wait { $0 == 300 }
            try await blocking { try shop.publish(301...400) }
            try await read.wait { $0 == 400 }
        }
        // Only the first batch was written before.
        let first = spy.batches.value.first?[0]?.count ?? 0
        #expect(committed.value == [0: Int64(first)])
        #expect(spy.reopens.value == 4)
        #expect(lines.count { $0.contains("waiting for=warehouse") } == 1)
        #expect(lines.count { $0.contains("waited for=warehouse") } == 1)
        try await expectAll(400, in: shop)
    }

    // Catches writing into files that nobody will find again, and their commit. Taken out: `OpenedFile.check`.
    @Test("A warehouse whose directory is moved away is waited for until it is back", arguments: TestBroker.available)
    func movedAway(_ broker: TestBroker) async throws {
        let shop = try await Shop.open(broker)
        try await blocking { try shop.publish(1...100) }
        let spy = SpyWriter(try shop.writer())
        _ = try await follow(shop, spy) { read in
            try await read.wait { $0 == 100 }
            try shop.moveAway()
            try await blocking { try shop.publish(101...200) }
            try await spy.reopens.wait { $0 >= 3 }
            #expect(try await blocking { try shop.committed() } == [0: 100])
            try shop.moveBack()
            try await read.wait { $0 == 200 }
        }
        try await expectAll(200, in: shop)
    }

    // Catches a reader that goes on where it was although the file that came back has less.
    @Test(
        "A file that is deleted while it is open, and restored from an older copy, is read for again",
        arguments: ["raw", "ods"])
    func restored(_ file: String) async throws {
        let shop = try await Shop.open()
        try await blocking { try shop.publish(1...50) }
        _ = try await shop.ingest()
        let putBack = try shop.copy(file)
        try await blocking { try shop.publish(51...100) }
        let spy = SpyWriter(try shop.writer())
        _ = try await follow(shop, spy) { read in
            try await read.wait { $0 == 100 }
            try shop.delete(file)
            try await blocking { try shop.publish(101...200) }
            try await spy.reopens.wait { $0 >= 2 }
            #expect(try await blocking { try shop.committed() } == [0: 100])
            try putBack()
            try await read.wait { $0 == 200 }
        }
        try await expectAll(200, in: shop)
    }

    @Test("A warehouse that another process keeps locked is waited for")
    func locked() async throws {
        let shop = try await Shop.open()
        try await blocking { try shop.publish(1...100) }
        let spy = SpyWriter(try shop.writer())
        _ = try await follow(shop, spy) { read in
            try await read.wait { $0 == 100 }
            let lock = try Database()
            try lock.attach("\(shop.directory)/ods.db", as: "ods", access: .readWrite)
            try lock.execute("BEGIN IMMEDIATE")
            try await blocking { try shop.publish(101...200) }
            try await spy.reopens.wait { $0 >= 1 }
            #expect(try await blocking { try shop.committed() } == [0: 100])
            try lock.execute("ROLLBACK")
            try await read.wait { $0 == 200 }
        }
        try await expectAll(200, in: shop)
    }

    // Catches a member that the group loses because it waits without polling. Taken out: `hold` does not poll.
    @Test(
        "A write that hangs for longer than the group waits for a poll does not cost the membership",
        arguments: TestBroker.available)
    func hangingWrite(_ broker: TestBroker) async throws {
        let shop = try await Shop.open(broker)
        try await blocking { try shop.publish(1...200) }
        let silence = broker == .embedded ? 6_000 : 3_000
        let gate = Gate()
        let wasLost = Mutex(false)
        let spy = SpyWriter(try shop.writer()) { if $0 == 1 { gate.pass() } }
        let report = try await during {
            try await shop.ingest(
                writer: spy, properties: ["session.timeout.ms": "\(silence)", "max.poll.interval.ms": "\(silence)"],
                hooks: .init(
                    logHandler: { if $0.facility == "MAXPOLL" { wasLost.withLock { $0 = true } } })
            ) { $0.batchRecords = 100 }
        } _: {
            try await spy.batches.wait { $0.count == 1 }
            defer { gate.open() }
            try await patienceIsLost(with: shop, milliseconds: 2 * silence)
        }
        #expect(report.reachedEnd)
        #expect(!wasLost.withLock { $0 })
        try await expectAll(200, in: shop)
    }

    /// Returns when the member of another group, who polls no more, has been silent for so long.
    private func patienceIsLost(with shop: Shop, milliseconds: Int) async throws {
        let isLost = DispatchSemaphore(value: 0)
        var cluster = shop.cluster.configuration
        cluster.logHandler = { if $0.facility == "MAXPOLL" { isLost.signal() } }
        let configuration = ConsumerConfiguration(
            cluster, group: TestCluster.uniqueName("silent"),
            properties: ["session.timeout.ms": "6000", "max.poll.interval.ms": "\(milliseconds)"])
        try await blocking {
            let consumer = try Consumer(configuration)
            try consumer.subscribe([shop.topic])
            // Once it is a member it has a partition, and no offset to begin at.
            let error = #expect(throws: KafkaError.self) {
                while true { _ = try consumer.poll(recordsMax: 1, waitMilliseconds: 1_000) }
            }
            #expect(error?.code == .noCommittedOffset)
            isLost.wait()
            try consumer.close()
        }
    }

    @Test("A run to the end does not wait for a warehouse out of order")
    func oneShot() async throws {
        let shop = try await Shop.open()
        try await blocking { try shop.publish(1...100) }
        let spy = SpyWriter(try shop.writer()) { _ in
            throw WarehouseError(code: .full, what: "the disk is full", place: "here", remedy: "free some")
        }
        let error = try await #require(throws: WarehouseError.self) { try await shop.ingest(writer: spy) }
        #expect(error.code == .full)
        #expect(spy.batches.value.count == 1)
        #expect(try await blocking { try shop.committed() } == [:])
    }

    // Catches rejects that count once more with every try, until the breaker stops a topic that is in order.
    @Test("What a batch that was not written did to the breaker is forgotten with it")
    func breaker() async throws {
        let shop = try await Shop.open()
        try await blocking {
            try shop.publish(1...1_000)
            for number in 0..<40 { try shop.put(Array("no sale \(number)".utf8)) }
        }
        let spy = SpyWriter(try shop.writer()) { number in
            guard number <= 3 else { return }
            throw WarehouseError(code: .full, what: "the disk is full", place: "here", remedy: "free some")
        }
        _ = try await follow(shop, spy) { read in try await read.wait { $0 == 1_040 } }
        #expect(try shop.count("SELECT count(*) FROM ods.sales_rejects") == 40)
    }

    @Test("The waits double up to the longest one")
    func backoff() {
        var outage = Outage(.warehouse, now: 0, pauseMin: 1_000, pauseMax: 300_000)
        var waits = [outage.nextTry]
        for _ in 0..<10 {
            let now = outage.nextTry
            outage.failedAgain(.warehouse, now: now)
            waits.append(outage.nextTry - now)
        }
        #expect(waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300].map { $0 * 1_000 })
    }
}
