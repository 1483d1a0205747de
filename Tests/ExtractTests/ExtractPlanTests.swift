import RetailAPI
import Testing

@testable import Extract

@Suite("Which walk an extraction is")
struct ExtractPlanTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var requested: SalesStart?
        var follower: ExtractCursor?
        var backfill: ExtractCursor?
        var ingested: Int64?
        var plan: ExtractPlan
        var key: String
    }

    private static let follower = ExtractCursor(lastID: 900, version: 5, records: 90, pages: 9)
    private static let broken = ExtractCursor(lastID: 300, version: 4, start: "100", end: 800)
    private static let finished = ExtractCursor(lastID: 800, version: 4, start: "100", end: 800)
    private static let `default` = SalesStart.date("2026-03-02")

    static let cases = [
        Case(
            testDescription: "the very first run begins where it is configured to", plan: .begin(Self.default),
            key: "sales"),
        Case(
            testDescription: "a lost cursor: from what was ingested, less the overlap", ingested: 5_000,
            plan: .begin(.id(4_000)), key: "sales"),
        Case(
            testDescription: "a lost cursor, and less ingested than the overlap", ingested: 700, plan: .begin(.id(1)),
            key: "sales"),
        Case(
            testDescription: "a start without a cursor is the follower's first walk", requested: .id(100),
            ingested: 5_000, plan: .begin(.id(100)), key: "sales"),
        Case(
            testDescription: "a day as start", requested: .date("2026-01-01"), plan: .begin(.date("2026-01-01")),
            key: "sales"),
        Case(
            testDescription: "a cursor goes before everything else that is known", follower: follower,
            backfill: broken, ingested: 5_000, plan: .resume(follower), key: "sales"),
        Case(
            testDescription: "a start beside a cursor is a backfill up to the follower", requested: .id(100),
            follower: follower, plan: .backfill(start: .id(100), end: 900, cursor: nil), key: "sales.backfill"),
        Case(
            testDescription: "a backfill broken off goes on, up to its own end", requested: .id(100),
            follower: follower, backfill: broken, plan: .backfill(start: .id(100), end: 800, cursor: broken),
            key: "sales.backfill"),
        Case(
            testDescription: "a backfill with another start is another one", requested: .id(101), follower: follower,
            backfill: broken, plan: .backfill(start: .id(101), end: 900, cursor: nil), key: "sales.backfill"),
        Case(
            testDescription: "a finished backfill is begun anew when it is asked for again", requested: .id(100),
            follower: follower, backfill: finished, plan: .backfill(start: .id(100), end: 900, cursor: nil),
            key: "sales.backfill"),
        Case(
            testDescription: "a backfill's cursor is not the follower's", backfill: broken, plan: .begin(Self.default),
            key: "sales"),
    ]

    @Test("It is decided from the cursors, the warehouse and what was asked", arguments: cases)
    func plan(_ example: Case) {
        var cursors: [String: ExtractCursor] = [:]
        cursors["sales"] = example.follower
        cursors["sales.backfill"] = example.backfill
        let plan = ExtractPlan(
            requested: example.requested, cursors: cursors, lowestOfHighestIDs: example.ingested, overlapSales: 1_000,
            defaultStart: Self.default)
        #expect(plan == example.plan)
        #expect(plan.cursorKey == example.key)
    }

    @Test("A walk's first cursor counts nothing; a backfill's says what it is, so that it can be gone on with")
    func firstCursor() {
        #expect(ExtractPlan.begin(.id(100)).cursor == ExtractCursor(lastID: 0, version: 0, start: "100"))
        #expect(ExtractPlan.resume(Self.follower).cursor == Self.follower)
        #expect(
            ExtractPlan.backfill(start: .date("2026-01-01"), end: 900, cursor: nil).cursor
                == ExtractCursor(lastID: 0, version: 0, start: "2026-01-01", end: 900))
        #expect(ExtractPlan.backfill(start: .id(100), end: 800, cursor: Self.broken).cursor == Self.broken)
    }
}
