package import Retail

/// The topic whose records are balanced, on the cluster that has them: what another cluster served is another count.
package struct BalancedTopic: Sendable, Hashable {
    package let topic: String
    /// Kafka's cluster id.
    package let cluster: String

    package init(topic: String, cluster: String) {
        self.topic = topic
        self.cluster = cluster
    }
}

/// What the batch layer may ask of a warehouse to balance it against what extraction published. Blocking: called from a
/// thread of its own.
package protocol BalanceStore: Sendable {
    /// The offset that both layers have read each partition to, of the topic's newest log if that is one of this
    /// cluster; else nothing.
    func positions(of topic: BalancedTopic) throws -> [Int32: Int64]

    /// Which hours raw has records of, and which of them it can't hold wholly.
    func hours(of topic: BalancedTopic) throws -> HoldingHours

    /// Counts the records of one hour that raw really holds, and looks up each of their sales.
    ///
    /// - Parameter version: records of ours with lower versions don't count: they were published uncounted.
    func holdings(of hour: RecordHour, from version: Int64, topic: BalancedTopic) throws -> HourHoldings

    /// What was given up and accepted, by the hours it may be of.
    func acceptedLosses(of topic: BalancedTopic) throws -> [AcceptedLoss]

    /// What was noted, by hour.
    func entries(of topic: BalancedTopic) throws -> [RecordHour: BalanceEntry]

    /// Notes hours, in one transaction; what was noted of them before is replaced.
    func note(_ entries: [BalanceEntry], of topic: BalancedTopic) throws

    /// The lines of ods and of the served generation, of the sales that are the same in both.
    func martHoldings() throws -> MartHoldings
}

/// The hours of raw's records.
package struct HoldingHours: Sendable, Hashable {
    package var hours: Set<RecordHour>
    /// The first hour that raw holds from its beginning: reading began in the one before.
    package var wholeFrom: RecordHour

    package init(hours: Set<RecordHour>, wholeFrom: RecordHour) {
        self.hours = hours
        self.wholeFrom = wholeFrom
    }
}

/// What the layers really hold of one hour.
package struct HourHoldings: Sendable, Hashable {
    /// Records of extraction in raw.
    package var records: Int64
    /// Records of other producers in raw.
    package var foreign: Int64
    /// Distinct sales of all these records; a record without a usable id has none.
    package var sales: Int64
    /// Of these: in ods; and not in ods but among the rejects that are not superseded.
    package var stored: Int64
    package var refused: Int64
    /// The first sales that are in neither, in ascending order.
    package var missing: [Int64]

    package init(records: Int64, foreign: Int64, sales: Int64, stored: Int64, refused: Int64, missing: [Int64]) {
        self.records = records
        self.foreign = foreign
        self.sales = sales
        self.stored = stored
        self.refused = refused
        self.missing = missing
    }

    /// How many sales are named at most.
    package static let missingMax = 20
}

/// Records that Kafka had lost and that were given up, or that a topic took with it when it was made anew.
package struct AcceptedLoss: Sendable, Hashable {
    /// The hours that they may be of.
    package var hours: ClosedRange<RecordHour>
    /// How many they may be; nil: any number.
    package var recordsMax: Int64?

    package init(hours: ClosedRange<RecordHour>, recordsMax: Int64?) {
        self.hours = hours
        self.recordsMax = recordsMax
    }
}

/// What is known of the balance of one hour.
package struct BalanceEntry: Sendable, Hashable {
    package enum State: String, Sendable, CaseIterable {
        /// Both sides agree.
        case balanced
        /// They do not: an error.
        case different
        /// They do not, and an operator has accepted it.
        case accepted
        /// Not to be said yet.
        case open
        /// Not to be said at all: one side did not count from the beginning.
        case notCounted = "not_counted"
    }

    package var hour: RecordHour
    package var state: State
    /// What extraction says that it published.
    package var published: Int64
    /// nil: the warehouse was not counted.
    package var holdings: HourHoldings?
    /// Why it is as it is, where that is not plain.
    package var reason: String?

    package init(
        hour: RecordHour, state: State, published: Int64, holdings: HourHoldings? = nil, reason: String? = nil
    ) {
        self.hour = hour
        self.state = state
        self.published = published
        self.holdings = holdings
        self.reason = reason
    }
}

/// The lines, by (sale, sku), of sales whose revision in ods is the one that the served generation was built from.
package struct MartHoldings: Sendable, Hashable, Codable {
    package var generation: Int64
    package var lines: Int64
    package var rows: Int64
    package var orphans: Int64

    package init(generation: Int64, lines: Int64, rows: Int64, orphans: Int64) {
        self.generation = generation
        self.lines = lines
        self.rows = rows
        self.orphans = orphans
    }

    /// Whether every line is in the mart or among the orphans.
    package var isBalanced: Bool { lines == rows + orphans }
}
