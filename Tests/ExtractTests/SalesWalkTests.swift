import RetailAPI
import Testing

@testable import Extract

@Suite("The walk along the listing of sales")
struct SalesWalkTests {
    @Test("New rows move it on, and the next page is asked from the last sale it has")
    func new() throws {
        var walk = SalesWalk(after: 4)
        #expect(walk.start == .id(4))
        #expect(walk.take(try Rows.page(5, 6, 7)) == .new([0, 1, 2]))
        #expect(walk.lastID == 7)
        #expect(walk.start == .id(7))
    }

    // Catches a walk that takes the sale it asked from for a new one: it would be published once for each page.
    @Test("An inclusive server serves the last sale again: it is dropped; an exclusive one does not: nothing is lost")
    func inclusiveAndExclusive() throws {
        var inclusive = SalesWalk(after: 4)
        #expect(inclusive.take(try Rows.page(4, 5, 6)) == .new([1, 2]))
        var exclusive = SalesWalk(after: 4)
        #expect(exclusive.take(try Rows.page(5, 6)) == .new([0, 1]))
        #expect(inclusive.lastID == exclusive.lastID)
    }

    // Catches a walk that believes one empty page: an API's single mistake would end the extraction.
    // Seen red with the mechanism taken out: scripts/mutations --only end-unconfirmed
    @Test(
        "Nothing new, empty or just the last sale, is the end only when it comes twice in a row", arguments: [[], [4]])
    func end(_ ids: [Int64]) throws {
        let nothing = try Rows.page(Rows.sales(ids))
        var walk = SalesWalk(after: 4)
        #expect(walk.take(nothing) == .confirm)
        #expect(walk.take(nothing) == .end)
        #expect(walk.take(nothing) == .end)
        #expect(walk.start == .id(4))
        // What comes later is found, and the next end has to be confirmed anew.
        #expect(walk.take(try Rows.page(4, 5)) == .new([1]))
        #expect(walk.take(try Rows.page(5)) == .confirm)
        #expect(walk.take(try Rows.page(5)) == .end)
    }

    @Test("An empty page in the middle is not the end")
    func emptyPageInTheMiddle() throws {
        var walk = SalesWalk(after: 0)
        #expect(walk.take(try Rows.page(1, 2, limit: 2)) == .new([0, 1]))
        #expect(walk.take(try Rows.page([])) == .confirm)
        #expect(walk.take(try Rows.page(2, 3, limit: 2)) == .new([1]))
        #expect(walk.take(try Rows.page([])) == .confirm)
    }

    // Catches a walk that drops rows below its start as known ones: a page repeated for ever would be the end.
    @Test("A row below the start is the server's fault: nothing is taken, nothing is believed, the same is asked again")
    func repeated() throws {
        var walk = SalesWalk(after: 7)
        #expect(walk.take(try Rows.page(5, 6, 7)) == .repeated)
        #expect(walk.take(try Rows.page(6, 7, 8)) == .repeated)
        #expect(walk.start == .id(7))
        #expect(walk.take(try Rows.page(7)) == .confirm)
        // It does not confirm an end either.
        #expect(walk.take(try Rows.page(1)) == .repeated)
        #expect(walk.take(try Rows.page(7)) == .end)
    }

    @Test("It begins with the sale that was asked for: one id lower is asked, and what is lower is not taken")
    func firstSale() throws {
        var walk = SalesWalk(from: .id(5))
        #expect(walk.start == .id(4))
        #expect(walk.take(try Rows.page(4, 5, 6)) == .new([1, 2]))
        var exclusive = SalesWalk(from: .id(5))
        #expect(exclusive.take(try Rows.page(5, 6)) == .new([0, 1]))
        var tooLow = SalesWalk(from: .id(5))
        #expect(tooLow.take(try Rows.page(3, 4, 5)) == .repeated)
    }

    @Test("A day leads it until the first sale has come, whichever id that has")
    func day() throws {
        var walk = SalesWalk(from: .date("2026-03-02"))
        #expect(walk.start == .date("2026-03-02"))
        #expect(walk.lastID == nil)
        #expect(walk.take(try Rows.page([])) == .confirm)
        #expect(walk.start == .date("2026-03-02"))
        #expect(walk.take(try Rows.page(700, 701)) == .new([0, 1]))
        #expect(walk.start == .id(701))
        var nothing = SalesWalk(from: .date("2026-03-02"))
        #expect(nothing.take(try Rows.page([])) == .confirm)
        #expect(nothing.take(try Rows.page([])) == .end)
    }

    @Test("Ids out of order within a page are all taken, and the highest leads on")
    func outOfOrder() throws {
        var walk = SalesWalk(after: 4)
        #expect(walk.take(try Rows.page(6, 9, 5, 4, 8)) == .new([0, 1, 2, 4]))
        #expect(walk.lastID == 9)
    }

    @Test("Two rows with one id in a page are both taken, in their order")
    func twice() throws {
        var walk = SalesWalk(after: 4)
        let page = try Rows.page([Rows.sale(5), Rows.sale(6), Rows.sale(5, quantity: 2)])
        #expect(walk.take(page) == .new([0, 1, 2]))
        #expect(walk.lastID == 6)
    }

    // Catches a walk that forgets such rows: each page would publish those behind its last sale once more.
    @Test("A row without a usable id is taken once, though it is served again with the last sale")
    func withoutID() throws {
        var walk = SalesWalk(after: 4)
        let (first, second) = (Rows.withoutID("first"), Rows.withoutID("second"))
        #expect(walk.take(try Rows.page([first, Rows.sale(5), second])) == .new([0, 1, 2]))
        #expect(walk.take(try Rows.page([Rows.sale(5), second])) == .confirm)
        // The one before the last sale is not served with it; if it comes, it is another one.
        #expect(walk.take(try Rows.page([Rows.sale(5), second, first, Rows.sale(6)])) == .new([2, 3]))
        #expect(walk.take(try Rows.page([Rows.sale(6)])) == .confirm)
        #expect(walk.take(try Rows.page([Rows.sale(6)])) == .end)
    }

    @Test("A row without an id that appears behind the last sale is new, and an end must be confirmed anew")
    func lateWithoutID() throws {
        var walk = SalesWalk(after: 5)
        #expect(walk.take(try Rows.page([Rows.sale(5)])) == .confirm)
        #expect(walk.take(try Rows.page([Rows.sale(5), Rows.withoutID("late")])) == .new([1]))
        #expect(walk.lastID == 5)
        #expect(walk.take(try Rows.page([Rows.sale(5), Rows.withoutID("late")])) == .confirm)
        #expect(walk.take(try Rows.page([Rows.sale(5), Rows.withoutID("late")])) == .end)
    }

    @Test("Rows without an id do not make a page repeated, and an invalid sale with an id leads on like any other")
    func invalidWithID() throws {
        var walk = SalesWalk(after: 5)
        #expect(walk.take(try Rows.page([Rows.withoutID("x"), Rows.invalid(6)])) == .new([0, 1]))
        #expect(walk.lastID == 6)
        #expect(walk.take(try Rows.page([Rows.invalid(5), Rows.withoutID("x")])) == .repeated)
    }

    // Catches a walk that takes a full page without a way on for the end: what is behind it would never be asked for.
    @Test("A full page that brings no sale beyond the start is neither an end nor a way on")
    func stuck() throws {
        let marks = ["a", "b", "c"].map { Rows.withoutID($0) }
        var walk = SalesWalk(after: 5)
        #expect(walk.take(try Rows.page(marks, limit: 3)) == .stuck)
        var inclusive = SalesWalk(after: 5)
        #expect(inclusive.take(try Rows.page([Rows.sale(5)] + marks, limit: 4)) == .stuck)
        var byDay = SalesWalk(from: .date("2026-03-02"))
        #expect(byDay.take(try Rows.page(marks, limit: 3)) == .stuck)
        // With pages of one row an inclusive server only ever serves the last sale.
        var single = SalesWalk(after: 5)
        #expect(single.take(try Rows.page(5, limit: 1)) == .stuck)
        var singleExclusive = SalesWalk(after: 5)
        #expect(singleExclusive.take(try Rows.page([], limit: 1)) == .confirm)
    }

    @Test("More rows than were asked for are taken")
    func moreThanAsked() throws {
        var walk = SalesWalk(after: 4)
        #expect(walk.take(try Rows.page(5, 6, 7, 8, limit: 2)) == .new([0, 1, 2, 3]))
    }

    // Catches a walk that believes an end of which the server itself says that it is none.
    @Test("Totals that fall on the way count what is left: an end with more left is contradicted, any number of times")
    func fallingTotals() throws {
        var walk = SalesWalk(after: 0)
        #expect(walk.take(try Rows.page(Rows.sales(1...3), total: 9)) == .new([0, 1, 2]))
        #expect(walk.take(try Rows.page(Rows.sales(3...5), total: 7)) == .new([1, 2]))
        for step in [SalesWalk.Step.confirm, .contradicted, .contradicted] {
            #expect(walk.take(try Rows.page([], total: 5)) == step)
        }
        #expect(walk.take(try Rows.page(Rows.sales([5]), total: 5)) == .contradicted)
        #expect(walk.take(try Rows.page(Rows.sales([5]), total: 1)) == .end)
        #expect(walk.take(try Rows.page([])) == .end)
        #expect(walk.take(try Rows.page(Rows.sales(6...9), total: 4)) == .new([0, 1, 2, 3]))
    }

    // Catches a walk that asks for ever, or waits at each end, because the total counts the whole listing.
    @Test("Totals that stay or rise count the whole listing: an end is the end, whatever they say")
    func steadyTotals() throws {
        var walk = SalesWalk(after: 0)
        for (ids, total) in [(1...3, 900), (3...5, 900), (5...7, 901)] as [(ClosedRange<Int64>, Int)] {
            _ = walk.take(try Rows.page(Rows.sales(ids), total: total))
        }
        #expect(walk.take(try Rows.page(Rows.sales([7]), total: 901)) == .confirm)
        #expect(walk.take(try Rows.page(Rows.sales([7]), total: 1_000_000)) == .end)
        // Of a single page it is not known what its total counts.
        var single = SalesWalk(after: 7)
        #expect(single.take(try Rows.page(Rows.sales([7]), total: 901)) == .confirm)
        #expect(single.take(try Rows.page(Rows.sales([7]), total: 901)) == .end)
    }
}
