internal import Retail
package import Warehouse

/// The two sides of the ledger differ: somewhere a record was lost or doubled.
package struct BalanceError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The hours that differ, in order.
    package let hours: [BalanceEntry]
    /// The lines of ods and of the mart, when these differ.
    package let mart: MartHoldings?

    /// nil when nothing differs.
    package init?(_ report: BalanceCheck.Report) {
        hours = report.hours(.different)
        mart = report.mart.flatMap { $0.isBalanced ? nil : $0 }
        if hours.isEmpty && mart == nil { return nil }
    }

    /// How many hours are told in full.
    private static let hoursMax = 3

    package var description: String {
        var parts = hours.prefix(BalanceError.hoursMax).map(told)
        if hours.count > BalanceError.hoursMax { parts.append("and \(hours.count - BalanceError.hoursMax) hours more") }
        if let mart {
            parts.append(
                "mart generation \(mart.generation): ods has \(mart.lines) lines, the mart \(mart.rows) and the orphans "
                    + "\(mart.orphans)")
        }
        return "the balance does not come out: \(parts.joined(separator: "; ")); "
            + "look at a sale with: retailflow trace sale ID; read the records again by resetting the group's offsets, "
            + "or take it as it is with: retailflow batch --only balance --accept-balance"
    }

    private func told(_ entry: BalanceEntry) -> String {
        var text = "hour \(entry.hour): \(entry.published) records published"
        if let holdings = entry.holdings {
            text += ", \(holdings.records) in raw"
            if !holdings.missing.isEmpty {
                let more = holdings.sales - holdings.stored - holdings.refused - Int64(holdings.missing.count)
                text +=
                    ", neither in ods nor refused: sales \(holdings.missing.map(String.init).joined(separator: ", "))"
                if more > 0 { text += " and \(more) more" }
            }
        }
        return text
    }
}
