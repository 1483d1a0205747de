package import Retail
package import Warehouse

/// How many records extraction says it published in one hour.
package struct PublishedHour: Sendable, Hashable {
    package var records: Int64
    /// The lowest version among them.
    package var firstVersion: Int64

    package init(records: Int64, firstVersion: Int64) {
        self.records = records
        self.firstVersion = firstVersion
    }
}

/// Both sides of the ledger: what extraction says that it published, and what was noted of it so far. A value that
/// decides and does nothing.
package struct Balance: Sendable {
    /// An hour that balanced is counted again for so many hours: what is lost later shows as well.
    package static let recentHours: Int64 = 24

    package let published: [RecordHour: PublishedHour]
    package let held: HoldingHours
    package let noted: [RecordHour: BalanceEntry]
    package let losses: [AcceptedLoss]

    package init(
        published: [RecordHour: PublishedHour], held: HoldingHours, noted: [RecordHour: BalanceEntry],
        losses: [AcceptedLoss]
    ) {
        self.published = published
        self.held = held
        self.noted = noted
        self.losses = losses
    }

    /// The hours to compare: over, counted, and not settled long ago.
    package func due(now: Int64) -> [RecordHour] {
        guard let first = published.keys.min() else { return [] }
        let hours = Set(published.keys).union(held.hours.filter { $0 >= first })
        return hours.filter { hour in
            guard hour.versions.upperBound <= now else { return false }
            guard let entry = noted[hour], entry.published == records(hour) else { return true }
            switch entry.state {
            case .notCounted: return false
            case .different, .open: return true
            case .balanced, .accepted: return hour.number + Balance.recentHours >= RecordHour(version: now).number
            }
        }.sorted()
    }

    /// Why an hour can't be compared, whatever the layers hold; nil when it can.
    package func withoutCount(_ hour: RecordHour) -> BalanceEntry? {
        guard hour < held.wholeFrom else { return nil }
        return BalanceEntry(
            hour: hour, state: .notCounted, published: records(hour),
            reason: "the warehouse began to read the topic later than that")
    }

    /// The version from which records of an hour were counted as they were published.
    package func firstVersion(of hour: RecordHour) -> Int64 {
        // Only in its first hour counting may have begun in the middle.
        hour == published.keys.min() ? published[hour]?.firstVersion ?? 0 : 0
    }

    /// An hour that must wait.
    package func open(_ hour: RecordHour, _ reason: String) -> BalanceEntry {
        BalanceEntry(hour: hour, state: .open, published: records(hour), reason: reason)
    }

    /// Compares one hour.
    ///
    /// - Parameters:
    ///   - again: what extraction said when it was asked again, after the layers were counted: only when it says the
    ///     same, no record can have come in between.
    ///   - accepts: an operator takes the difference as it is.
    package func verdict(
        _ hour: RecordHour, _ holdings: HourHoldings, again: PublishedHour?, accepts: Bool
    ) -> BalanceEntry {
        let published = records(hour)
        guard again?.records ?? 0 == published else {
            return open(hour, "more was published while it was counted")
        }
        func entry(_ state: BalanceEntry.State, _ reason: String?) -> BalanceEntry {
            BalanceEntry(hour: hour, state: state, published: published, holdings: holdings, reason: reason)
        }
        let nowhere = holdings.sales - holdings.stored - holdings.refused
        let lost = published - holdings.records
        let reason: String
        if nowhere > 0 {
            reason = "\(nowhere) sales of raw are neither in ods nor among the rejects"
        } else if lost == 0 {
            return entry(.balanced, nil)
        } else if lost > 0 {
            if lost <= lossAccepted(of: hour) { return entry(.accepted, "\(lost) records were accepted as lost") }
            reason = "\(lost) records that were published are not in raw"
        } else {
            reason = "raw holds \(-lost) records more than were published"
        }
        let isAccepted =
            noted[hour].map { $0.state == .accepted && $0.published == published && $0.holdings == holdings } ?? false
        return entry(accepts || isAccepted ? .accepted : .different, reason)
    }

    private func records(_ hour: RecordHour) -> Int64 { published[hour]?.records ?? 0 }

    private func lossAccepted(of hour: RecordHour) -> Int64 {
        losses.filter { $0.hours.contains(hour) }.reduce(0) { sum, loss in
            let (more, overflow) = sum.addingReportingOverflow(loss.recordsMax ?? .max)
            return overflow ? .max : more
        }
    }
}
