import Extract
import RetailAPI
import RetailAPISimulator
import Testing

/// The beginning of a walk that a day leads: which sale is the day's first is not known.
@Suite("The first day of a walk", .timeLimit(.minutes(2)))
struct FirstDayTests {
    // Catches an overlap that counts back from the last sale: as many ids as that end at the first one that was shown.
    // Seen red with the mechanism taken out: scripts/mutations --only overlap-of-the-first-day
    @Test("A late sale below its first id is published, though the overlap has no more sales than the walk")
    func lateBelowTheFirst() async throws {
        let shop = try await Shop((31...40 as ClosedRange<Int64>).map { Rows.sale($0, day: "2026-03-02") })
        _ = try await shop.extract {
            $0.start = .date("2026-03-02")
            $0.overlapSales = 10
        }
        try shop.simulator.publish(sale: Rows.sale(29, day: "2026-03-02"))
        _ = try await shop.extract { $0.overlapSales = 10 }
        #expect(Set(try await shop.published().ids) == Set(31...40).union([29]))
    }
}
