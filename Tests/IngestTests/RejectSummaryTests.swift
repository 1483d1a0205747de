@testable import Ingest
import Retail
import Testing

struct RejectSummaryTests {
    private func refusal(_ reasons: (String, ValidationReason.Code)...) -> SaleBatch.Refusal {
        var batch = SaleBatch()
        let parser = SaleParser(timeZone: .utc)
        parser.parse(nil, record: 0, into: &batch)
        var refusal = batch.refusals[0]
        refusal.reasons = reasons.map { ValidationReason(field: $0.0, code: $0.1, message: "“17850” is wrong") }
        return refusal
    }

    // Catches a summary that tells a fault of line 2 and of line 3 apart, and one that shows what was refused.
    @Test("Faults are counted by field and kind, lines of a sale together, the most frequent first")
    func counts() {
        let summary = RejectSummary([
            refusal(("items[0].quantity", .notAnInteger), ("datetime", .missing)),
            refusal(("items[12].quantity", .notAnInteger)),
            refusal(("items[3].quantity", .notAnInteger)), refusal(("datetime", .missing)),
            refusal(("id", .outOfRange)),
        ])
        #expect(
            summary.description == "items[].quantity not_an_integer ×3, datetime missing ×2, id out_of_range ×1")
        #expect(!summary.description.contains("17850"))
    }

    @Test("At most five kinds are told, equal counts by name")
    func atMostFive() {
        let summary = RejectSummary(
            ["g", "c", "e", "a", "d", "b", "f"].map { refusal(($0, .missing)) })
        #expect(summary.description == "a missing ×1, b missing ×1, c missing ×1, d missing ×1, e missing ×1")
        #expect(RejectSummary([]).description == "")
    }
}
