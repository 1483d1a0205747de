@testable import Ingest
import Kafka
import KafkaTestKit
import Retail
import SQLite
import Telemetry
import Testing
import Warehouse

/// Rule 7 with other code: what it refuses leaves ods, and the last content that it takes is there again.
@Suite(.timeLimit(.minutes(3)))
struct SaleRestorationTests {
    /// In `Etc/GMT-1` the last hour of the year 9999 is not in the calendar, in `Etc/GMT+1` it is.
    private static func zone(refusing: Bool) throws -> RetailTimeZone {
        try #require(RetailTimeZone(identifier: refusing ? "Etc/GMT-1" : "Etc/GMT+1"))
    }

    private static func doubtful(_ id: Int) -> String {
        "{\"id\": \(id), \"datetime\": \"9999-12-31T23:30:00Z\", \"items\": []}"
    }

    /// Sale 1: two contents that are valid, then a doubtful one. Sale 2: doubtful only. Sale 3: doubtful, then valid.
    private func published() async throws -> Shop {
        let shop = try await Shop.open(partitions: 2)
        try await blocking {
            try shop.put(Array(sale(1, quantity: 1).utf8), headers: version(1))
            try shop.put(Array(sale(1, quantity: 2).utf8), partition: 1, headers: version(2))
            try shop.put(Array(Self.doubtful(1).utf8), headers: version(3))
            try shop.put(Array(Self.doubtful(2).utf8), partition: 1, headers: version(1))
            try shop.put(Array(Self.doubtful(3).utf8), headers: version(1))
            try shop.put(Array(sale(3).utf8), partition: 1, headers: version(2))
        }
        return shop
    }

    /// What ods says, without times and revisions.
    private func contents(_ shop: Shop) throws -> [String] {
        try shop.texts(
            "SELECT 'sale ' || id || ' v' || version || ' ' || partition || '@' || offset FROM ods.sales ORDER BY id")
            + shop.texts("SELECT 'line ' || sale_id || ' ' || quantity FROM ods.sales_items ORDER BY sale_id")
            + shop.texts(
                "SELECT 'reject ' || sale_id || ' v' || version || ' ' || state FROM ods.sales_rejects ORDER BY sale_id"
            )
    }

    private static let expected = [
        "sale 1 v2 1@0", "sale 3 v2 1@2", "line 1 2", "line 3 2", "reject 1 v3 pending_correction", "reject 2 v1 open",
        "reject 3 v1 superseded",
    ]

    /// A group that reads everything again.
    private func groupAtStart(_ shop: Shop) async throws -> String {
        let group = TestCluster.uniqueName("replay")
        try await blocking {
            try AdminClient(shop.cluster.configuration).alterGroupOffsets(
                group, [shop.partition(0): 0, shop.partition(1): 0], timeoutMilliseconds: timeout)
        }
        return group
    }

    private func replay(_ shop: Shop, writer: SpyWriter? = nil) async throws -> IngestReport {
        try await shop.ingest(group: groupAtStart(shop), writer: writer, timeZone: Self.zone(refusing: true))
    }

    /// The same by one that follows, until raw was searched and `body` has returned.
    private func follow(
        _ shop: Shop, _ spy: SpyWriter, properties: [String: String] = [:],
        _ body: @escaping @Sendable () async throws -> Void = {}
    ) async throws {
        let stop = StopSignal()
        let group = try await groupAtStart(shop)
        _ = try await during {
            try await shop.ingest(
                mode: .follow, group: group, writer: spy, stop: stop, properties: properties,
                timeZone: Self.zone(refusing: true))
        } _: {
            defer { stop.stop() }
            try await body()
            try await spy.searches.wait { $0 > 0 }
        }
    }

    /// Withdraws sales 1 and 2, and dies before it looks for anything.
    private func withdraw(_ shop: Shop) async throws {
        let failing = SpyWriter(try shop.writer()) { _ in
            // The batch that withdraws has been written by then.
            if try shop.count("SELECT count(*) FROM ods.sales WHERE id = 1") == 0 { throw SpyFailure() }
        }
        await #expect(throws: SpyFailure.self) { try await replay(shop, writer: failing) }
        #expect(try shop.count("SELECT count(*) FROM ods.sales WHERE id = 1") == 0)
        // The other one may have been withdrawn by an earlier batch, and looked for between the two.
        #expect(try shop.count("SELECT count(*) FROM ods.withdrawn_sales WHERE NOT is_searched AND sale_id = 1") == 1)
    }

    /// Whether the older one of sale 1's valid contents is there again and the newer one not yet.
    private static func isBetween(_ shop: Shop) throws -> Bool {
        try shop.count("SELECT count(*) FROM ods.sales WHERE id = 1 AND version = 1") == 1
    }

    // Catches a sale that one replay loses and the next one finds: its older content lies in front of the record that
    // the present code refuses.
    @Test("One replay by stricter code leaves what that code alone would have left")
    func oneReplay() async throws {
        let strict = try await published()
        _ = try await strict.ingest(timeZone: Self.zone(refusing: true))
        #expect(try contents(strict) == Self.expected)

        let shop = try await published()
        _ = try await shop.ingest(timeZone: Self.zone(refusing: false))
        #expect(try shop.texts("SELECT id || ' v' || version FROM ods.sales") == ["1 v3", "2 v1", "3 v2"])
        let revision = try shop.count("SELECT revision FROM ods.sales WHERE id = 1")
        let report = try await replay(shop)
        #expect(report.counts.ods.withdrawn == 2)
        #expect(report.reachedEnd)
        #expect(try contents(shop) == Self.expected)
        #expect(try shop.count("SELECT revision FROM ods.sales WHERE id = 1") > revision)
        // Once more changes nothing, and nothing is looked for any more.
        let before = try shop.dump()
        _ = try await replay(shop)
        #expect(try shop.dump() == before)
        #expect(try shop.texts("SELECT sale_id FROM ods.withdrawn_sales WHERE is_searched") == ["2"])
    }

    // Catches a replay that takes the newest content away and does not look for the older one: take `restore()` out of
    // `RawReplay.run`.
    @Test("So does a replay from raw")
    func fromRaw() async throws {
        let shop = try await published()
        _ = try await shop.ingest(timeZone: Self.zone(refusing: false))
        let report = try await blocking {
            let plan = try RawReplayPlan(
                .earliest, topic: shop.topic, partitions: SQLiteReplaySource(try shop.warehouse()).partitions())
            return try RawReplay(
                writer: try shop.writer(), timeZone: Self.zone(refusing: true), batchRecords: 5_000, logger: .silent,
                stop: StopSignal()
            ).run(plan)
        }
        #expect(report.reachedEnd)
        #expect(try contents(shop) == Self.expected)
    }

    // Catches an older content that nobody looks for any more after a failure between the two steps.
    @Test("What a failure left unsearched is found by the next start")
    func failure() async throws {
        let shop = try await published()
        _ = try await shop.ingest(timeZone: Self.zone(refusing: false))
        try await withdraw(shop)
        #expect(try await shop.ingest(timeZone: Self.zone(refusing: true)).records <= 2)
        #expect(try contents(shop) == Self.expected)
    }

    // Catches a search that goes on behind content which it found and could not write, and then counts as done.
    @Test("What an outage of the warehouse kept from being written back is written back after it")
    func outage() async throws {
        let shop = try await published()
        _ = try await shop.ingest(timeZone: Self.zone(refusing: false))
        let hasFailed = Watched(false)
        let spy = SpyWriter(try shop.writer()) { _ in
            guard !hasFailed.value, try Self.isBetween(shop) else { return }
            hasFailed.update { $0 = true }
            throw WarehouseError(code: .busy, what: "the file is locked", place: "here", remedy: "wait")
        }
        try await follow(shop, spy)
        #expect(hasFailed.value)
        #expect(try contents(shop) == Self.expected)
    }

    // Catches a search that waits for a silence which never comes.
    @Test("A stream without a pause does not keep older content from being looked for")
    func stream() async throws {
        let shop = try await published()
        _ = try await shop.ingest(timeZone: Self.zone(refusing: false))
        let producer = try shop.producer()
        let spy = SpyWriter(try shop.writer()) { number in
            guard number < 2_000 else { throw SpyFailure() }
            // The next record is there before this one is written.
            try shop.publish(Int64(100 + number)...Int64(100 + number), by: producer)
            try producer.flush(timeoutMilliseconds: timeout)
        }
        // The embedded broker answers a fetch for nothing only then, though something has come.
        try await follow(shop, spy, properties: ["fetch.wait.max.ms": "10"])
        #expect(try shop.texts("SELECT id || ' v' || version FROM ods.sales WHERE id < 100") == ["1 v2", "3 v2"])
    }

    // Catches a run that ends with a search which had begun before the last sale was withdrawn.
    @Test("What is withdrawn while raw is being searched is looked for before a run ends")
    func withdrawnMeanwhile() async throws {
        let shop = try await published()
        _ = try await shop.ingest(timeZone: Self.zone(refusing: false))
        try await withdraw(shop)
        try await blocking {
            let ods = try Database()
            try ods.attach("\(shop.directory)/ods.db", as: "ods", access: .readWrite)
            try ods.execute("UPDATE ods.withdrawn_sales SET is_searched = 1 WHERE sale_id = 1")
            let ingestion = try shop.ingestion(writer: try shop.writer(), timeZone: Self.zone(refusing: true))
            let consumer = try Consumer(ConsumerConfiguration(shop.cluster.configuration, group: shop.group))
            try ingestion.restoreSome(consumer)
            // As if a batch had withdrawn it now.
            try ods.execute("UPDATE ods.withdrawn_sales SET is_searched = 0 WHERE sale_id = 1")
            ingestion.mayHaveWithdrawn = true
            try ingestion.restoreAll(consumer)
        }
        #expect(try shop.texts("SELECT id || ' v' || version FROM ods.sales WHERE id = 1") == ["1 v2"])
        #expect(try shop.count("SELECT count(*) FROM ods.withdrawn_sales WHERE NOT is_searched") == 0)
    }
}
