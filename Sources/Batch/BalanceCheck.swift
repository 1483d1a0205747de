package import Retail
package import Warehouse

/// Balances the warehouse against what extraction published, hour by hour.
///
/// No clock and no waiting decides what is compared. Extraction's counts are read, then the ends of the partitions, and
/// both layers must have read that far; then the layers are counted, and the counts read again: an hour whose count is
/// still the same got no record meanwhile, so that both sides counted the same records.
package struct BalanceCheck: Sendable {
    /// What extraction says at one moment.
    package struct Published: Sendable {
        package var hours: [RecordHour: PublishedHour]
        /// The end of each partition, asked after the counts were read; records of open transactions counted.
        package var ends: [Int32: Int64]

        package init(hours: [RecordHour: PublishedHour], ends: [Int32: Int64]) {
            self.hours = hours
            self.ends = ends
        }
    }

    /// What came out of it.
    package struct Report: Sendable, Hashable {
        /// The hours looked at, in order.
        package var entries: [BalanceEntry] = []
        /// The lines of ods against the mart's; nil where nobody looked.
        package var mart: MartHoldings?

        package init() {}

        /// The hours in a state.
        package func hours(_ state: BalanceEntry.State) -> [BalanceEntry] { entries.filter { $0.state == state } }
    }

    private let store: any BalanceStore
    private let topic: BalancedTopic
    private let clock: WallClock
    private let sleep: @Sendable (_ milliseconds: Int) async throws -> Void
    private let published: @Sendable () throws -> Published
    private let blocking = SerialWorker(label: "retailflow.balance", state: ())

    /// How often and how long a running ingestion is waited for while it comes nearer.
    private static let waitsMax = 20
    private static let waitMilliseconds = 500

    /// - Parameter published: asks extraction's side; blocking.
    package init(
        _ store: any BalanceStore, topic: BalancedTopic, clock: @escaping WallClock,
        sleep: @escaping @Sendable (_ milliseconds: Int) async throws -> Void,
        published: @escaping @Sendable () throws -> Published
    ) {
        self.store = store
        self.topic = topic
        self.clock = clock
        self.sleep = sleep
        self.published = published
    }

    /// Compares all hours that are due and notes them.
    ///
    /// - Parameter accepts: differences are taken as they are.
    /// - Throws: `WarehouseError`, and what `published` throws. A difference is no error here: see `BalanceError`.
    package func run(accepts: Bool) async throws -> Report {
        let (store, topic, published) = (store, topic, published)
        let first = try await blocking.perform { _ in try published() }
        let balance = try await blocking.perform { _ in
            Balance(
                published: first.hours, held: try store.hours(of: topic), noted: try store.entries(of: topic),
                losses: try store.acceptedLosses(of: topic))
        }
        var report = Report()
        let due = balance.due(now: clock())
        report.entries = due.compactMap(balance.withoutCount)
        let countable = due.filter { balance.withoutCount($0) == nil }
        if !countable.isEmpty {
            let behind = try await partitionsBehind(first.ends)
            if behind.isEmpty {
                report.entries += try await compare(countable, balance, accepts: accepts)
            } else {
                let reason =
                    "ingestion has not read to the end of partition \(behind.map(String.init).joined(separator: ", "))"
                report.entries += countable.map { balance.open($0, reason) }
            }
        }
        let changed = report.entries.filter { balance.noted[$0.hour] != $0 }
        try await blocking.perform { _ in try store.note(changed, of: topic) }
        return report
    }

    private func compare(_ hours: [RecordHour], _ balance: Balance, accepts: Bool) async throws -> [BalanceEntry] {
        let (store, topic, published) = (store, topic, published)
        var holdings: [RecordHour: HourHoldings] = [:]
        for hour in hours {
            try Task.checkCancellation()
            holdings[hour] = try await blocking.perform { _ in
                try store.holdings(of: hour, from: balance.firstVersion(of: hour), topic: topic)
            }
        }
        let again = try await blocking.perform { _ in try published().hours }
        return hours.compactMap { hour in
            holdings[hour].map { balance.verdict(hour, $0, again: again[hour], accepts: accepts) }
        }
    }

    /// The partitions that were not read to these ends, once nobody comes nearer to them.
    private func partitionsBehind(_ ends: [Int32: Int64]) async throws -> [Int32] {
        let (store, topic) = (store, topic)
        var last: [Int32: Int64]?
        for wait in 0...BalanceCheck.waitsMax {
            let positions = try await blocking.perform { _ in try store.positions(of: topic) }
            let behind = ends.filter { positions[$0.key] ?? 0 < $0.value }.keys.sorted()
            if behind.isEmpty || positions == last || wait == BalanceCheck.waitsMax { return behind }
            last = positions
            try await sleep(BalanceCheck.waitMilliseconds)
        }
        return []
    }
}
