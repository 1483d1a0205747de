import Retail
import Synchronization
import Testing
import Warehouse

@testable import Batch

@Suite("The balance")
struct BalanceTests {
    private static let hour = RecordHour(number: 490_000)

    private static func holdings(
        _ records: Int64, foreign: Int64 = 0, sales: Int64? = nil, stored: Int64? = nil, refused: Int64 = 0,
        missing: [Int64] = []
    ) -> HourHoldings {
        HourHoldings(
            records: records, foreign: foreign, sales: sales ?? records, stored: stored ?? records, refused: refused,
            missing: missing)
    }

    private static func balance(
        published: Int64 = 10, noted: BalanceEntry? = nil, losses: [AcceptedLoss] = [], wholeFrom: Int64 = 0
    ) -> Balance {
        Balance(
            published: [hour: PublishedHour(records: published, firstVersion: 5)],
            held: HoldingHours(hours: [hour], wholeFrom: RecordHour(number: wholeFrom)),
            noted: noted.map { [hour: $0] } ?? [:], losses: losses)
    }

    private static func loss(_ first: Int64, _ last: Int64, _ recordsMax: Int64?) -> AcceptedLoss {
        AcceptedLoss(hours: RecordHour(number: first)...RecordHour(number: last), recordsMax: recordsMax)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var holdings: HourHoldings
        var again: Int64? = 10
        var losses: [AcceptedLoss] = []
        var accepts = false
        var expected: BalanceEntry.State
        var reason: String?
        var testDescription: String { name }
    }

    static let cases: [Case] = [
        Case(name: "as many as published", holdings: holdings(10), expected: .balanced),
        Case(
            name: "and others' beside them", holdings: holdings(10, foreign: 3, sales: 13, stored: 13),
            expected: .balanced),
        Case(name: "one sale twice", holdings: holdings(10, sales: 9, stored: 9), expected: .balanced),
        Case(
            name: "some refused, some without id", holdings: holdings(10, sales: 8, stored: 5, refused: 3),
            expected: .balanced),
        Case(
            name: "one record lost", holdings: holdings(9), expected: .different,
            reason: "1 records that were published are not in raw"),
        Case(name: "a foreign one does not stand for it", holdings: holdings(9, foreign: 1), expected: .different),
        Case(
            name: "one record too many", holdings: holdings(11), expected: .different,
            reason: "raw holds 1 records more"),
        Case(
            name: "a sale nowhere", holdings: holdings(10, sales: 10, stored: 8, refused: 1, missing: [7]),
            expected: .different, reason: "1 sales of raw are neither in ods nor among the rejects"),
        Case(name: "published meanwhile", holdings: holdings(9), again: 11, expected: .open),
        Case(name: "published meanwhile, by chance the same", holdings: holdings(10), again: 11, expected: .open),
        Case(name: "counts gone meanwhile", holdings: holdings(10), again: nil, expected: .open),
        Case(
            name: "an accepted loss explains it", holdings: holdings(8), losses: [loss(489_999, 490_001, 5)],
            expected: .accepted, reason: "2 records were accepted as lost"),
        Case(
            name: "a smaller one does not", holdings: holdings(8), losses: [loss(489_999, 490_001, 1)],
            expected: .different),
        Case(
            name: "two together do", holdings: holdings(8), losses: [loss(490_000, 490_000, 1), loss(0, 490_000, 1)],
            expected: .accepted),
        Case(
            name: "one of another hour does not", holdings: holdings(8), losses: [loss(490_001, 490_002, 5)],
            expected: .different),
        Case(
            name: "a topic made anew does", holdings: holdings(0), losses: [loss(0, .max, nil), loss(0, .max, nil)],
            expected: .accepted),
        Case(
            name: "no loss explains too many", holdings: holdings(11), losses: [loss(0, .max, nil)],
            expected: .different),
        Case(
            name: "nor a sale that is nowhere", holdings: holdings(9, sales: 9, stored: 8, missing: [7]),
            losses: [loss(0, .max, nil)], expected: .different),
        Case(name: "an operator may accept it", holdings: holdings(11), accepts: true, expected: .accepted),
        Case(name: "who has nothing to accept", holdings: holdings(10), accepts: true, expected: .balanced),
        Case(name: "and can't accept what is open", holdings: holdings(9), again: 11, accepts: true, expected: .open),
    ]

    @Test("judges an hour by both sides", arguments: cases)
    func verdict(example: Case) {
        let balance = Self.balance(losses: example.losses)
        let again = example.again.map { PublishedHour(records: $0, firstVersion: 5) }
        let entry = balance.verdict(Self.hour, example.holdings, again: again, accepts: example.accepts)
        #expect(entry.state == example.expected, "\(entry)")
        #expect(entry.published == 10)
        if let reason = example.reason { #expect(entry.reason?.contains(reason) == true, "\(entry)") }
        #expect((entry.reason == nil) == (entry.state == .balanced))
    }

    // Catches an acceptance that covers what was lost after it.
    @Test("an accepted difference stays accepted as long as it is the same")
    func staysAccepted() {
        let again = PublishedHour(records: 10, firstVersion: 5)
        let noted = BalanceEntry(hour: Self.hour, state: .accepted, published: 10, holdings: Self.holdings(8))
        let balance = Self.balance(noted: noted)
        #expect(balance.verdict(Self.hour, Self.holdings(8), again: again, accepts: false).state == .accepted)
        #expect(balance.verdict(Self.hour, Self.holdings(7), again: again, accepts: false).state == .different)
        #expect(balance.verdict(Self.hour, Self.holdings(10), again: again, accepts: false).state == .balanced)
    }

    @Test("looks at hours that are over, and not again at those settled long ago")
    func due() {
        let end = Self.hour.versions.upperBound
        let old = end + 30 * RecordHour.microseconds
        func due(_ state: BalanceEntry.State?, published: Int64 = 10, now: Int64) -> Bool {
            let noted = state.map { BalanceEntry(hour: Self.hour, state: $0, published: published) }
            return !Self.balance(noted: noted).due(now: now).isEmpty
        }
        #expect(!due(nil, now: end - 1))
        #expect(due(nil, now: end))
        for state in [BalanceEntry.State.balanced, .accepted] {
            #expect(due(state, now: end + 23 * RecordHour.microseconds))
            #expect(!due(state, now: old))
            #expect(due(state, published: 9, now: old))
        }
        for state in [BalanceEntry.State.open, .different] { #expect(due(state, now: old)) }
        #expect(!due(.notCounted, now: old))
        #expect(due(.notCounted, published: 9, now: old))
    }

    @Test("looks at hours of raw that nobody counted only where counting had begun")
    func uncountedHours() {
        let balance = Balance(
            published: [Self.hour: PublishedHour(records: 1, firstVersion: 5)],
            held: HoldingHours(
                hours: [RecordHour(number: 489_999), RecordHour(number: 490_001), RecordHour(number: 500_000)],
                wholeFrom: RecordHour(number: 0)),
            noted: [:], losses: [])
        #expect(balance.due(now: RecordHour(number: 490_005).versions.lowerBound).map(\.number) == [490_000, 490_001])
        #expect(balance.firstVersion(of: Self.hour) == 5)
        #expect(balance.firstVersion(of: RecordHour(number: 490_001)) == 0)
        let nothing = Balance(
            published: [:], held: HoldingHours(hours: [Self.hour], wholeFrom: RecordHour(number: 0)), noted: [:],
            losses: [])
        #expect(nothing.due(now: .max).isEmpty)
    }

    @Test("leaves hours out that the warehouse began in the middle of")
    func notWhole() {
        #expect(Self.balance(wholeFrom: 490_001).withoutCount(Self.hour)?.state == .notCounted)
        #expect(Self.balance(wholeFrom: 490_000).withoutCount(Self.hour) == nil)
    }

    @Test("names the hours, the counts and the sales when it does not come out")
    func message() throws {
        var report = BalanceCheck.Report()
        #expect(BalanceError(report) == nil)
        report.mart = MartHoldings(generation: 4, lines: 10, rows: 8, orphans: 2)
        #expect(BalanceError(report) == nil)
        report.entries = [
            BalanceEntry(
                hour: Self.hour, state: .different, published: 10,
                holdings: Self.holdings(9, sales: 9, stored: 6, missing: [7, 8]), reason: "why")
        ]
        report.mart?.orphans = 1
        let text = try #require(BalanceError(report)).description
        #expect(text.contains("hour 2025-11-24T16: 10 records published, 9 in raw"))
        #expect(text.contains("sales 7, 8 and 1 more"))
        #expect(text.contains("mart generation 4: ods has 10 lines, the mart 8 and the orphans 1"))
        #expect(text.contains("--accept-balance"))
    }

    // MARK: The check

    /// A warehouse that has what the test says, and remembers what was noted.
    private final class Store: BalanceStore {
        struct State {
            var positions: [[Int32: Int64]] = []
            var holdings = BalanceTests.holdings(10)
            var noted: [BalanceEntry] = []
            var counted = 0
        }
        let state: Mutex<State>

        init(_ state: State) { self.state = Mutex(state) }

        func positions(of topic: BalancedTopic) -> [Int32: Int64] {
            state.withLock { $0.positions.count > 1 ? $0.positions.removeFirst() : $0.positions.first ?? [:] }
        }
        func hours(of topic: BalancedTopic) -> HoldingHours {
            HoldingHours(hours: [BalanceTests.hour], wholeFrom: RecordHour(number: 0))
        }
        func holdings(of hour: RecordHour, from version: Int64, topic: BalancedTopic) -> HourHoldings {
            state.withLock { state in
                state.counted += 1
                return state.holdings
            }
        }
        func acceptedLosses(of topic: BalancedTopic) -> [AcceptedLoss] { [] }
        func entries(of topic: BalancedTopic) -> [RecordHour: BalanceEntry] {
            state.withLock { Dictionary($0.noted.map { ($0.hour, $0) }) { _, last in last } }
        }
        func note(_ entries: [BalanceEntry], of topic: BalancedTopic) { state.withLock { $0.noted += entries } }
        func martHoldings() -> MartHoldings { MartHoldings(generation: 1, lines: 0, rows: 0, orphans: 0) }
    }

    private func run(
        _ store: Store, ends: [Int32: Int64] = [0: 10], published counts: [Int64] = [10, 10]
    ) async throws -> (report: BalanceCheck.Report, waits: Int) {
        let asked = Counts(counts)
        let waits = Counts([])
        let check = BalanceCheck(
            store, topic: BalancedTopic(topic: "sales", cluster: "c"), clock: { Self.hour.versions.upperBound },
            sleep: { _ in waits.add(1) },
            published: {
                BalanceCheck.Published(
                    hours: [Self.hour: PublishedHour(records: asked.next(), firstVersion: 0)], ends: ends)
            })
        return (try await check.run(accepts: false), waits.all.count)
    }

    private final class Counts: Sendable {
        private let values: Mutex<[Int64]>
        init(_ values: [Int64]) { self.values = Mutex(values) }
        var all: [Int64] { values.withLock { $0 } }
        func add(_ value: Int64) { values.withLock { $0.append(value) } }
        func next() -> Int64 { values.withLock { $0.count > 1 ? $0.removeFirst() : $0.first ?? 0 } }
    }

    @Test("compares what was read to the end, and notes only what is new")
    func compares() async throws {
        let store = Store(.init(positions: [[0: 10]]))
        let (report, waits) = try await run(store)
        #expect(report.entries.map(\.state) == [.balanced])
        #expect(waits == 0)
        _ = try await run(store)
        #expect(store.state.withLock { $0.noted.count } == 1)
        #expect(store.state.withLock { $0.counted } == 2)
    }

    // Catches a difference that is only a record on its way, and a wait for an ingestion that does not run.
    @Test("leaves an hour open while ingestion is behind, and does not wait for one that stands still")
    func behind() async throws {
        let store = Store(.init(positions: [[0: 9]]))
        let (report, waits) = try await run(store, ends: [0: 10, 1: 0, 2: 1])
        #expect(report.entries.map(\.state) == [.open])
        #expect(report.entries.first?.reason?.contains("partition 0, 2") == true)
        #expect(waits == 1)
        #expect(store.state.withLock { $0.counted } == 0)
        #expect(BalanceError(report) == nil)
    }

    @Test("waits while ingestion comes nearer")
    func nearer() async throws {
        let store = Store(.init(positions: [[0: 7], [0: 8], [0: 9], [0: 10]]))
        let (report, waits) = try await run(store)
        #expect(report.entries.map(\.state) == [.balanced])
        #expect(waits == 3)
    }

    @Test("leaves an hour open that got records while it was counted")
    func moved() async throws {
        let store = Store(.init(positions: [[0: 10]], holdings: Self.holdings(9)))
        let (report, _) = try await run(store, published: [10, 11])
        #expect(report.entries.map(\.state) == [.open])
        let (again, _) = try await run(store, published: [11])
        #expect(again.entries.map(\.state) == [.different])
    }
}
