import Kafka
import KafkaTestKit
import RetailAPI
import RetailAPISimulator
import Synchronization
import Telemetry
import Testing
import Warehouse

@testable import Extract

/// A follower waits for what does not answer, and goes on by itself.
@Suite("Waiting out outages", .serialized, .timeLimit(.minutes(5)))
struct OutageTests {
    // MARK: The waits

    @Test("Waits double up to five minutes, chance takes up to half away, and each change is told once")
    func waits() {
        let lines = Mutex<[String]>([])
        let logger = Logger(level: .info, format: .text, clock: { 0 }) { line in lines.withLock { $0.append("\(line)") }
        }
        var random = 0.0
        let clock = APIClock(nowMicroseconds: { 0 }, sleep: { _ in }, random: { [random] in random })
        let told = Mutex<[Health]>([])
        var wait = OutageWait(
            firstMilliseconds: 1_000, clock: clock, logger: logger,
            didChange: { now in told.withLock { $0.append(now) } })
        let down = Outage(
            RetailAPIError(code: .unreachable, endpoint: .sales, request: "r", attempts: 1, reason: "down"))
        let refused = Outage(
            RetailAPIError(code: .keyRefused, endpoint: .sales, request: "r", attempts: 1, reason: "no"))
        guard let down, let refused else {
            Issue.record("these are outages")
            return
        }
        #expect(
            (0..<11).map { _ in wait.failed(down) } == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300].map { $0 * 1_000 })
        #expect(lines.withLock { $0 }.count == 1)
        _ = wait.failed(refused)
        #expect(lines.withLock { $0 }.count == 2)
        wait.forget()
        #expect(told.withLock { $0.last } == .waits(for: "API", reason: refused.reason))
        wait.isBack()
        wait.isBack()
        #expect(lines.withLock { $0 }.count == 3)
        #expect(told.withLock { $0 }.count == 13 && told.withLock { $0.last } == .works)
        #expect(wait.failed(down) == 1_000)
        random = 0.999_999
        let lucky = APIClock(nowMicroseconds: { 0 }, sleep: { _ in }, random: { [random] in random })
        var shortened = OutageWait(firstMilliseconds: 1_000, clock: lucky, logger: .silent)
        #expect(shortened.failed(down) == 501)
    }

    @Test("A bug, a setting, another extractor and a strange cursor are no outages")
    func noOutages() {
        let bugs: [any Error] = [
            RetailAPIError(code: .configuration, endpoint: .sales, request: "r", attempts: 1, reason: "r"),
            ExtractError(code: .fenced, reason: "r", remedy: "r"),
            ExtractError(code: .cursorUnreadable, reason: "r", remedy: "r"),
            KafkaError(.fenced, operation: "o", reason: "r"),
            KafkaError(.unknownProperty, operation: "o", reason: "r"),
            WarehouseError(code: .bug, what: "w", place: "p", remedy: "r"),
            WarehouseError(code: .damaged, what: "w", place: "p", remedy: "r"), CancellationError(),
        ]
        for bug in bugs { #expect(Outage(bug) == nil, "\(bug)") }
    }

    // MARK: The API

    // Catches a follower that ends with its API, one that begins anew from somewhere else, and one that hammers.
    @Test(
        "A follower waits for its API and goes on where it stood",
        arguments: [
            Fault(.status(500, retryAfterSeconds: nil)), Fault(.status(401, retryAfterSeconds: nil)),
            Fault(.status(404, retryAfterSeconds: nil)), Fault(.cut), Fault(.html), Fault(.malformed),
        ])
    func api(_ fault: Fault) async throws {
        let shop = try await Shop(Rows.sales(1...25))
        let done = Signal()
        shop.time.onWait { number in
            switch number {
            case 1: shop.simulator.setFaults([fault])
            case 80:
                shop.simulator.setFaults([])
                try shop.simulator.publish(sale: Rows.sale(26))
            case 83:
                try await finish(done)
            default: break
            }
        }
        let health = Mutex<[Health]>([])
        let extraction = try shop.extraction(
            { $0.follows = true }, didChange: { now in health.withLock { $0.append(now) } })
        #expect(await extraction.follow(until: done) is CancellationError)
        #expect(try await shop.published().ids.sorted() == Array(1...26))
        let told = health.withLock { $0 }
        #expect(told.first == .works && told.last == .works && told.count { $0 == .works } == 2)
        for waiting in told.dropFirst().dropLast() {
            guard case .waits(for: "API", _) = waiting else {
                Issue.record("\(waiting)")
                continue
            }
        }
        #expect((150_000...300_000).contains(shop.time.waits.max() ?? 0))
    }

    // Catches a follower for which new sales wait until the warehouse can be asked about old ones.
    @Test("While the warehouse is busy new sales go on; the last ones are asked again when it answers")
    func warehouseBusy() async throws {
        let shop = try await Shop(Rows.sales(1...25))
        _ = try await shop.extract { $0.overlapSales = 0 }
        let warehouse = try StubWarehouse(Rows.sales(1...25))
        try shop.simulator.publish(sale: Rows.sale(20, quantity: 2))
        let done = Signal()
        shop.time.onWait { number in
            switch number {
            case 1: warehouse.fail(with: WarehouseError(code: .busy, what: "busy", place: "ods", remedy: "try again"))
            case 100: try shop.simulator.publish(sale: Rows.sale(26))
            case 110:
                #expect(try await shop.published().ids.contains(26))
                warehouse.fail(with: nil)
            case 900:
                try await finish(done)
            default: break
            }
        }
        let extraction = try shop.extraction({ $0.follows = true }, known: warehouse)
        #expect(await extraction.follow(until: done) is CancellationError)
        let values = try await shop.published().valuesBySale
        #expect(values[26]?.count == 1)
        #expect(values[20] == [Rows.sale(20), Rows.sale(20, quantity: 2)])
        #expect(Set(shop.time.waits) == [1_000])
    }

    // MARK: Kafka

    // Catches a follower that ends with its broker, and one that publishes again what was committed when the answer got
    // lost.
    @Test("A follower waits for its broker, also when it is down at the start", .enabled(if: ApacheKafka.home != nil))
    func broker() async throws {
        let kafka = try await ApacheKafka()
        let shop = try await Shop(Rows.sales(1...25), on: .apacheKafka, cluster: kafka.configuration)
        try kafka.kill(1)
        let (waited, again) = (Signal(), Signal())
        let (first, second) = (Tally(goal: 25), Tally(goal: 26))
        let isUp = Mutex(false)
        shop.time.onWait { _ in
            // The test's clock does not wait by itself: a wait for the broker is one for the test.
            // Later ones last until the broker answers.
            guard !isUp.withLock({ $0 }) else {
                _ = try? await blocking { try kafka.configuration.probe(timeoutMilliseconds: 1_000) }
                return
            }
            waited.set()
            await again.wait()
        }
        let extraction = try shop.extraction(
            { $0.follows = true },
            // As the program does it: else each call of the coordinator is waited for first.
            willBegin: {
                try kafka.configuration.probe(timeoutMilliseconds: 10_000)
                return nil
            },
            didPublish: { _, records in
                first.add(records)
                second.add(records)
            })
        let following = Task { try await extraction.run() }
        await waited.wait()
        try await kafka.start(1)
        isUp.withLock { $0 = true }
        again.set()
        await first.wait()
        // A reader of committed records sees them all: the markers are written. A lone broker that dies before may leave a
        // transaction without its end, which no client can mend.
        #expect(try await shop.published().count == 25)
        try kafka.kill(1)
        try shop.simulator.publish(sale: Rows.sale(26))
        try await kafka.start(1)
        await second.wait()
        following.cancel()
        #expect(await failure(following) is CancellationError)
        #expect(try await shop.published().ids.sorted() == Array(1...26))
        #expect(try await shop.cursors()["sales"]?.records == 26)
    }

    @Test("Ended while it waits for its broker, it ends at once", .enabled(if: ApacheKafka.home != nil))
    func cancelledWhileWaiting() async throws {
        let kafka = try await ApacheKafka()
        let shop = try await Shop(Rows.sales(1...25), on: .apacheKafka, cluster: kafka.configuration)
        try kafka.kill(1)
        let hasBegun = Signal()
        let extraction = try shop.extraction(
            { $0.follows = true },
            willBegin: {
                hasBegun.set()
                return nil
            })
        let following = Task { try await extraction.run() }
        await hasBegun.wait()
        let began = ContinuousClock.now
        following.cancel()
        #expect(await failure(following) is CancellationError)
        #expect(ContinuousClock.now - began < .seconds(3))
    }

    // Catches an exit as "fenced" when the coordinator ended the extractor's own transaction: librdkafka calls both so.
    @Test(
        "A producer that lost its transaction by time is replaced by another, from the cursor: no gap, no double",
        .enabled(if: ApacheKafka.home != nil), arguments: [false, true])
    func expired(_ follows: Bool) async throws {
        let shop = try await Shop(Rows.sales(1...57), on: .apacheKafka)
        let transactions = Mutex(0)
        let all = Tally(goal: 57)
        let extraction = try shop.extraction(
            { configuration in
                configuration.transactionPagesMax = 1
                // So short that every transaction may have been too long.
                configuration.transactionMilliseconds = 0
                configuration.follows = follows
                // Without a warehouse, the next producer does not know what the last one has published.
                configuration.overlapSales = 0
            },
            willPublish: { _ in
                guard
                    transactions.withLock({ transactions in
                        transactions += 1
                        return transactions == 3
                    })
                else { return }
                // What the coordinator does after the time: the epoch is raised.
                try await shop.raiseEpoch()
            }, didPublish: { _, records in all.add(records) })
        let running = Task { try await extraction.run() }
        Task {
            _ = await failure(running)
            all.add(57)
        }
        await all.wait()
        if follows {
            running.cancel()
            #expect(await failure(running) is CancellationError)
        } else {
            #expect(try await outcome(running)?.get().records == 57)
        }
        #expect(try await shop.published().ids.sorted() == Array(1...57))
        #expect(try await shop.cursors()["sales"]?.records == 57)
    }

    // Catches a walk that takes its own cursor, older than the one that it begins with, for somebody else's.
    @Test(
        "A producer lost before its first commit is replaced too: after an earlier backfill, and where no sale was met",
        .enabled(if: ApacheKafka.home != nil), arguments: [false, true])
    func expiredAtOnce(_ isBackfill: Bool) async throws {
        let shop = try await Shop(isBackfill ? Rows.sales(1...20) : [], on: .apacheKafka)
        let warehouse = try StubWarehouse(isBackfill ? Rows.sales(1...20) : [])
        _ = try await shop.extract(known: warehouse) { $0.start = .id(1) }
        if isBackfill {
            _ = try await shop.extract(known: warehouse) { $0.start = .id(1) }
            for id in 1...5 as ClosedRange<Int64> { try shop.simulator.publish(sale: Rows.sale(id, quantity: 2)) }
        } else {
            for id in 1...20 as ClosedRange<Int64> { try shop.simulator.publish(sale: Rows.sale(id)) }
        }
        let before = try await shop.published().count
        let isFirst = Atomic(true)
        let report = try await shop.extraction(
            { configuration in
                configuration.transactionMilliseconds = 0
                configuration.overlapSales = 0
                if isBackfill { configuration.start = .id(3) }
            }, known: warehouse,
            willPublish: { _ in
                guard isFirst.exchange(false, ordering: .relaxed) else { return }
                try await shop.raiseEpoch(of: isBackfill ? "sales.backfill" : "sales")
            }
        ).run()
        #expect(report.records == (isBackfill ? 3 : 20))
        #expect(try await shop.published().count == before + report.records)
    }

    // Catches two followers that take the cursor from each other for ever.
    @Test(
        "Where another has moved the cursor meanwhile, it was replaced, however long its transaction was open",
        .enabled(if: ApacheKafka.home != nil))
    func moved() async throws {
        let shop = try await Shop(Rows.sales(1...57), on: .apacheKafka)
        let transactions = Mutex(0)
        let extraction = try shop.extraction(
            { configuration in
                configuration.transactionPagesMax = 1
                // So short that every transaction may have been too long.
                configuration.transactionMilliseconds = 0
                configuration.follows = true
            },
            willPublish: { _ in
                guard
                    transactions.withLock({ transactions in
                        transactions += 1
                        return transactions == 3
                    })
                else { return }
                _ = try await shop.extract { $0.overlapSales = 0 }
            })
        let error = await failure(Task { try await extraction.run() })
        #expect((error as? ExtractError)?.code == .fenced, "\(String(describing: error))")
        #expect(try await shop.published().ids.sorted() == Array(1...57))
    }
}

extension Shop {
    /// Takes the transactional id of a walk over and does nothing with it.
    @BlockingActor
    fileprivate func raiseEpoch(of cursorKey: String = "sales") throws {
        let producer = try Producer(ProducerConfiguration(cluster, transactionalID: "\(stateTopic).\(cursorKey)"))
        try producer.initTransactions(timeoutMilliseconds: 30_000)
    }
}
