import RetailAPI
import RetailTestKit
import Synchronization
import Testing

@testable import Extract

/// Answers that can't be right: detected, asked again, counted, told; never the end of the data, never a loop.
@Suite("Answers that can't be right", .timeLimit(.minutes(2)))
struct MisbehaviourTests {
    private static let beginning = ExtractPlan.begin(.id(1))

    /// What an answer is made of, at one place of the listing.
    private func server(
        _ ids: ClosedRange<Int64> = 1...57, at start: Int64 = 28, times: Int = 1,
        _ answer: @escaping @Sendable (ScriptedServer.Question) -> String?
    ) -> ScriptedServer {
        let left = Mutex(times)
        return ScriptedServer(ids) { question in
            guard question.start == start,
                left.withLock({ left in
                    left -= 1
                    return left >= 0
                })
            else { return nil }
            return answer(question)
        }
    }

    // Red when the end is not confirmed: with `SalesWalk.take` giving `.end` at the first page with nothing new (2
    // unconfirmed ends made 1), the run ends at sale 28.
    @Test("One empty page in the middle is not the end, and is counted")
    func emptyPage() async {
        let fetched = await server { _ in "[]" }.fetch(MisbehaviourTests.beginning)
        #expect(fetched.error == nil)
        #expect(fetched.ids == Array(1...57))
        #expect(fetched.report.emptyPages == 1)
    }

    @Test("A page in the middle with only sales that are known is not the end either")
    func onlyKnown() async {
        let fetched = await server { _ in Rows.body(Rows.sales([28])) }.fetch(MisbehaviourTests.beginning)
        #expect(fetched.error == nil)
        #expect(fetched.ids == Array(1...57))
        #expect(fetched.report.emptyPages == 1)
    }

    @Test("Two empty pages in a row end a one-shot run; the next one goes on where it stood, without a loss")
    func twoEmptyPages() async throws {
        let server = server(times: 2) { _ in "[]" }
        let first = await server.fetch(MisbehaviourTests.beginning)
        #expect(first.error == nil)
        #expect(first.ids == Array(1...28))
        let second = await server.fetch(.resume(ExtractCursor(lastID: 28, version: 1, records: 28)))
        #expect(second.ids == Array(29...57))
    }

    @Test("A follower picks up behind any number of empty pages")
    func emptyPagesWhileFollowing() async {
        let time = TestClock()
        time.onWait { number in if number > 12 { throw CancellationError() } }
        let fetched = await server(times: 7) { _ in "[]" }
            .fetch(MisbehaviourTests.beginning, clock: time, follows: true)
        #expect(fetched.error is CancellationError)
        #expect(fetched.ids == Array(1...57))
    }

    // Catches an end that the server itself contradicts, believed; and a total that is believed against the server.
    @Test("Two empty pages in the middle are asked again where the declared total says that more is left")
    func emptyPagesAgainstTotal() async {
        let server = ScriptedServer(1...57) { question in
            let left = question.rows.isEmpty ? 0 : 57 - Int(question.start) + 1
            if question.start == 28, (4...6).contains(question.number) { return Rows.body([], total: left) }
            return Rows.body(Rows.sales(question.rows), total: left)
        }
        let fetched = await server.fetch(MisbehaviourTests.beginning)
        #expect(fetched.error == nil)
        #expect(fetched.ids == Array(1...57))
        #expect(fetched.report.wrongTotals == 2)
    }

    @Test("A total that is too large for ever is asked about a few times and then no more")
    func totalTooLarge() async {
        let time = TestClock()
        let server = ScriptedServer(1...57) { question in
            Rows.body(Rows.sales(question.rows), total: 57 - Int(question.start) + 1 + 5)
        }
        let fetched = await server.fetch(MisbehaviourTests.beginning, clock: time)
        #expect(fetched.error == nil)
        #expect(fetched.ids == Array(1...57))
        #expect(fetched.report.wrongTotals == 4)
        // 1, 2 and 4 seconds, of which chance takes up to half away.
        #expect(zip(time.waits, [1_000, 2_000, 4_000]).allSatisfy { ($1 / 2...$1).contains($0) }, "\(time.waits)")
        #expect(time.waits.count == 3)
    }

    @Test("A total that is too small ends nothing, and is counted", arguments: [0, 3, -1])
    func totalTooSmall(_ total: Int) async {
        let server = ScriptedServer(1...57) { Rows.body(Rows.sales($0.rows), total: total) }
        let fetched = await server.fetch(MisbehaviourTests.beginning)
        #expect(fetched.error == nil)
        #expect(fetched.ids == Array(1...57))
        #expect(fetched.report.wrongTotals >= 6)
    }

    @Test("A page out of order is asked again; one that stays so is taken, and the server's way is known then")
    func outOfOrder() async {
        let time = TestClock()
        let once = await server { Rows.body(Rows.sales($0.rows.reversed())) }
            .fetch(MisbehaviourTests.beginning, clock: time)
        #expect(once.ids == Array(1...57))
        #expect(once.report.disorderedPages == 1)
        #expect(time.waits.count == 1)
        let always = ScriptedServer(1...57) { Rows.body(Rows.sales($0.rows.reversed())) }
        let fetched = await always.fetch(MisbehaviourTests.beginning, overlapSales: 100)
        #expect(fetched.error == nil)
        #expect(fetched.ids.sorted() == Array(1...57))
        #expect(fetched.report.disorderedPages == 4)
    }

    // Catches sales that are jumped over where nobody looks back for them.
    @Test(
        "A walk that does not look back ends with an error where a page stays out of order",
        arguments: [MisbehaviourTests.beginning, .backfill(start: .id(1), end: 57, cursor: nil)])
    func outOfOrderForGood(_ plan: ExtractPlan) async {
        let jumping = ScriptedServer(1...57) { question in
            question.start == 10 ? Rows.body(Rows.sales([50] + question.rows.dropLast())) : nil
        }
        let overlap: Int64 = if case .backfill = plan { 100 } else { 0 }
        let fetched = await jumping.fetch(plan, overlapSales: overlap)
        #expect((fetched.error as? ExtractError)?.code == .disordered, "\(String(describing: fetched.error))")
        #expect(fetched.ids == Array(1...10))
    }

    // Catches waits that double without a limit: after 20 tries one would be 6 days.
    @Test("However often a page is asked again, no wait is longer than a minute")
    func longestWait() async {
        let time = TestClock()
        let fetched = await server(times: 100) { question in
            Rows.body(Rows.sales(question.below.prefix(question.limit)))
        }.fetch(MisbehaviourTests.beginning, clock: time, retries: 70)
        #expect((fetched.error as? ExtractError)?.code == .repeatedPage)
        #expect(time.waits.count == 70)
        #expect(time.waits.max() ?? 0 <= 60_000)
    }

    @Test("A row that comes twice in a page is published once; with another content it is another row")
    func duplicates() async {
        let fetched = await server { question in
            Rows.body(Rows.sales(question.rows).flatMap { [$0, $0 + " "] })
        }.fetch(MisbehaviourTests.beginning)
        #expect(fetched.ids.sorted() == Array(1...57))
        // The first is the sale that was asked from.
        #expect(fetched.report.duplicateRows == 9)
        let changed = await server { question in
            let last = question.rows.last ?? 0
            return Rows.body(Rows.sales(question.rows) + [Rows.sale(last, quantity: 2)])
        }.fetch(MisbehaviourTests.beginning)
        #expect(changed.ids == Array(1...37) + [37] + Array(38...57))
        #expect(changed.report.duplicateRows == 0)
    }

    @Test("A full page that leads nowhere is asked again, and only one that stays is an error")
    func stuck() async {
        let nowhere: @Sendable (ScriptedServer.Question) -> String? = { question in
            Rows.body(Array(repeating: Rows.sale(question.start), count: question.limit))
        }
        let passing = await server(times: 2, nowhere).fetch(MisbehaviourTests.beginning)
        #expect(passing.error == nil)
        #expect(passing.ids == Array(1...57))
        #expect(passing.report.stuckPages == 2)
        let staying = await server(times: 100, nowhere).fetch(MisbehaviourTests.beginning)
        #expect((staying.error as? ExtractError)?.code == .stuck)
        #expect(staying.ids == Array(1...28))
        #expect(staying.report.stuckPages == 4)
    }

    // Catches a follower that ends because its API is not what it should be: it waits, and goes on by itself.
    @Test("A follower waits for a server that repeats a page or leads nowhere, longer each time, up to five minutes")
    func followerWaits() async {
        let time = TestClock()
        let waits = Mutex<[Int]>([])
        time.onWait { number in if number > 200 { throw CancellationError() } }
        let fetched = await server(times: 60) { question in
            Rows.body(Rows.sales(question.below.prefix(question.limit)))
        }.fetch(MisbehaviourTests.beginning, clock: time, follows: true)
        waits.withLock { $0 = time.waits }
        #expect(fetched.error is CancellationError)
        #expect(fetched.ids == Array(1...57))
        #expect(fetched.report.repeatedPages == 60)
        let longest = time.waits.max() ?? 0
        #expect((150_000...300_000).contains(longest), "\(longest)")
    }

    // Catches, among others: an end believed too early, a loop without an end, a row dropped with a fault, a cursor
    // that goes back.
    @Test(
        "Whatever it answers, runs after runs bring every sale once, and each run ends",
        arguments: 0..<150 as Range<UInt64>)
    func model(_ seed: UInt64) async throws {
        var setup = SeededGenerator(seed: seed)
        var ids: [Int64] = []
        var id = Int64.random(in: 1...5, using: &setup)
        for _ in 0..<Int.random(in: 1...80, using: &setup) {
            ids.append(id)
            id += Int64.random(in: 1...4, using: &setup)
        }
        let pageSize = Int.random(in: 2...12, using: &setup)
        let random = Mutex(SeededGenerator(seed: seed &+ 1_000))
        let server = ScriptedServer(ids, isInclusive: Bool.random(using: &setup)) { question in
            random.withLock { Self.answer(question, &$0) }
        }
        var (published, cursor, runs) = ([Int64](), Int64(0), 0)
        while published.count < ids.count {
            runs += 1
            try #require(runs < 500, "seed \(seed): \(published.count) of \(ids.count) after \(server.asked) questions")
            let plan: ExtractPlan =
                cursor == 0 ? .begin(.id(1)) : .resume(ExtractCursor(lastID: cursor, version: 1))
            let before = server.asked
            let fetched = await server.fetch(plan, pageSize: pageSize)
            #expect(server.asked - before < 2_000, "seed \(seed)")
            if let error = fetched.error { #expect(error is ExtractError, "seed \(seed): \(error)") }
            #expect(fetched.lastIDs == fetched.lastIDs.sorted(), "seed \(seed)")
            #expect((fetched.lastIDs.first ?? cursor) >= cursor, "seed \(seed)")
            cursor = fetched.lastIDs.last ?? cursor
            published += fetched.ids
        }
        #expect(published.sorted() == ids, "seed \(seed)")
    }

    /// Every second answer is right.
    private static func answer(_ question: ScriptedServer.Question, _ random: inout SeededGenerator) -> String? {
        let rows = Rows.sales(question.rows)
        let total = Bool.random(using: &random) ? Int.random(in: 0...200, using: &random) : nil
        switch Int.random(in: 0..<16, using: &random) {
        case 0: return Rows.body([], total: total)
        case 1: return Rows.body(Rows.sales(question.below.suffix(question.limit)), total: total)
        case 2: return Rows.body(rows.shuffled(using: &random), total: total)
        case 3: return Rows.body(rows + rows, total: total)
        case 4: return Rows.body(Array(rows.prefix(max(1, rows.count / 2))), total: total)
        case 5: return Rows.body(Array(repeating: Rows.sale(question.start), count: question.limit), total: total)
        case 6: return Rows.body(Rows.sales(question.rows.prefix(1)), total: total)
        case 7: return Rows.body(rows, total: total)
        default: return nil
        }
    }
}
