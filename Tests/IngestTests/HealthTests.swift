@testable import Ingest
import Kafka
import KafkaTestKit
import Retail
import Synchronization
import Telemetry
import Testing
@testable import Warehouse

/// What ingestion tells of itself while it follows.
@Suite(.timeLimit(.minutes(3)))
struct HealthTests {
    // To see it fail: tell nothing when it waits; or tell that all is well when the files were opened anew.
    @Test("That it works, that it waits for the warehouse, and that it works again once a batch was taken")
    func warehouse() async throws {
        let shop = try await Shop.open()
        try await blocking { try shop.publish(1...10) }
        let told = Watched<[Health]>([])
        let read = Watched(0)
        let spy = SpyWriter(try shop.writer()) { number in
            guard (2...4).contains(number) else { return }
            throw WarehouseError(code: .full, what: "the disk is full", place: "here", remedy: "free some")
        }
        let stop = StopSignal()
        _ = try await during {
            try await shop.ingest(
                mode: .follow, writer: spy, stop: stop,
                hooks: .init(
                    onBatch: { batch in read.update { $0 += batch.counts.raw.inserted } },
                    didChange: { now in told.update { $0.append(now) } }))
        } _: {
            defer { stop.stop() }
            // Before anything was read, it is known to work.
            try await told.wait { $0 == [.works] }
            try await spy.batches.wait { $0.count >= 1 }
            try await blocking { try shop.publish(11...20) }
            try await read.wait { $0 == 20 }
        }
        let waiting = Health.waits(for: "warehouse", reason: "the disk is full; here; free some")
        #expect(told.value == [.works, waiting, .works])
        #expect(try shop.count("SELECT count(*) FROM ods.sales") == 20)
    }

    // To see it fail: do not look at what a poll brings instead of records.
    @Test(
        "That it waits for brokers that are gone, and works again when they are back",
        .enabled(if: ApacheKafka.home != nil, "KAFKA_HOME names no Apache Kafka"))
    func brokers() async throws {
        let kafka = try await ApacheKafka()
        let shop = try await Shop.open(on: kafka)
        let told = Watched<[Health]>([])
        let stop = StopSignal()
        _ = try await during {
            try await shop.ingest(
                mode: .follow, stop: stop, properties: ["socket.timeout.ms": "2000"],
                hooks: .init(didChange: { now in told.update { $0.append(now) } }))
        } _: {
            defer { stop.stop() }
            try await told.wait { $0 == [.works] }
            try kafka.kill(1)
            try await told.wait { health in
                if case .waits(for: "kafka", _)? = health.last { return true }
                return false
            }
            // Without a record that tells it.
            try await kafka.start(1)
            try await told.wait { $0.last == .works }
        }
    }

    @Test("How many records of each partition a batch had, and how many were refused, each under its first reason")
    func counts() async throws {
        let shop = try await Shop.open(partitions: 2)
        try await blocking {
            try shop.publish(1...6, partitions: 2)
            try shop.put(Array("hello".utf8), key: "k", headers: version(1_000))
            try shop.put(Array("{\"id\": 7}".utf8), key: "k", headers: version(1_000))
        }
        let batches = Mutex<[BatchReport]>([])
        let report = try await shop.ingest(
            hooks: .init(onBatch: { batch in batches.withLock { $0.append(batch) } }))
        let all = batches.withLock { $0 }
        #expect(all.reduce(into: [:]) { $0.merge($1.partitions, uniquingKeysWith: +) } == [0: 5, 1: 3])
        let refusals = all.reduce(into: [ValidationReason.Code: Int]()) { $0.merge($1.refusals, uniquingKeysWith: +) }
        #expect(refusals == [.notJSON: 1, .missing: 1])
        #expect(refusals.values.reduce(0, +) == report.counts.ods.newRejects)
    }
}
