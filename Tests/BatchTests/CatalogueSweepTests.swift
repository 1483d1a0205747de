import Retail
import RetailAPI
import Testing
import Warehouse

@testable import Batch

@Suite("One reading of a whole catalogue")
struct CatalogueSweepTests {
    private typealias Pages = CataloguePages

    // Catches a sweep that believes one empty page: an API's single mistake would cut the catalogue off there.
    @Test("It ends at two empty pages in a row, not at one")
    func end() throws {
        var sweep = CatalogueSweep(.products, timeZone: .utc)
        #expect(sweep.take(try Pages.page(Pages.products(1...3))) == .ask(page: 2))
        #expect(sweep.take(try Pages.page([])) == .ask(page: 3))
        #expect(sweep.take(try Pages.page(Pages.products(4...4))) == .ask(page: 4))
        #expect(sweep.take(try Pages.page([])) == .ask(page: 5))
        #expect(sweep.take(try Pages.page([])) == .finished)
        #expect(sweep.rows.map(\.key) == ["P1", "P2", "P3", "P4"])
        #expect(sweep.pages == 5)
    }

    @Test("An empty catalogue is two empty pages")
    func empty() throws {
        var sweep = CatalogueSweep(.customers, timeZone: .utc)
        #expect(sweep.take(try Pages.page([], endpoint: .customers)) == .ask(page: 2))
        #expect(sweep.take(try Pages.page([], endpoint: .customers)) == .finished)
        #expect(sweep.rows.isEmpty)
    }

    // Catches a sweep without an end: a server that ignores the page number serves its first page for ever.
    @Test("A page that brings nothing but what was there ends it, marked as repeating itself")
    func repeating() throws {
        var sweep = CatalogueSweep(.products, timeZone: .utc)
        _ = sweep.take(try Pages.page(Pages.products(1...3)))
        #expect(!sweep.repeatsItself)
        #expect(sweep.take(try Pages.page(Pages.products(1...3))) == .repeats(page: 2))
        #expect(sweep.repeatsItself)
        #expect(sweep.repeatedKeys == 3)
    }

    @Test("That goes for rows without a key as well")
    func repeatingWithoutKeys() throws {
        var sweep = CatalogueSweep(.products, timeZone: .utc)
        let rows = ["{}", #"{"description":"x"}"#]
        #expect(sweep.take(try Pages.page(rows)) == .ask(page: 2))
        #expect(sweep.take(try Pages.page(rows)) == .repeats(page: 2))
    }

    @Test("A page with one new row among known ones goes on")
    func partlyNew() throws {
        var sweep = CatalogueSweep(.products, timeZone: .utc)
        _ = sweep.take(try Pages.page(Pages.products(1...3)))
        #expect(sweep.take(try Pages.page(Pages.products(3...4))) == .ask(page: 3))
        #expect(sweep.repeatedKeys == 1)
        #expect(sweep.conflictingKeys == 0)
        #expect(sweep.rows.map(\.key) == ["P1", "P2", "P3", "P4"])
    }

    @Test("A key that comes again with other bytes is counted as a conflict; the first one stays")
    func conflict() throws {
        let sweep = try Pages.sweep([Pages.products(1...2), [Pages.product("P1", price: "3"), Pages.product("P3")]])
        #expect(sweep.conflictingKeys == 1)
        #expect(sweep.repeatedKeys == 0)
        #expect(sweep.rows.map(\.text) == Pages.products(1...3))
    }

    @Test("Rows are kept as served, with their key where it can be read, and whether they are JSON")
    func rows() throws {
        let rows = [
            Pages.product("A"), #"{"product_sku":"B","unit_amount":"x"}"#, #"{"note":1}"#, "no JSON at all", "{}", "{}",
        ]
        let sweep = try Pages.sweep([rows])
        #expect(sweep.rows.map(\.text) == rows)
        #expect(sweep.rows.map(\.key) == ["A", "B", nil, nil, nil, nil])
        #expect(sweep.rows.map(\.isJSON) == [true, true, true, false, true, true])
        #expect(sweep.rows.allSatisfy { $0.fileName == "products_20251124_1600_test.json" })
    }

    @Test("Customers have keys of their own")
    func customers() throws {
        var sweep = CatalogueSweep(.customers, timeZone: .utc)
        _ = sweep.take(
            try Pages.page(
                [Pages.customer("17850"), #"{"customer_id":17851}"#, Pages.product("A")], endpoint: .customers))
        #expect(sweep.rows.map(\.key) == ["17850", "17851", nil])
    }

    @Test("Every declared total is remembered, also that of an empty page; the time is that of the last answer")
    func totals() throws {
        var sweep = CatalogueSweep(.products, timeZone: .utc)
        _ = sweep.take(try Pages.page(Pages.products(1...2), total: 2, answeredAt: 10))
        _ = sweep.take(try Pages.page([], total: 3, answeredAt: 20))
        _ = sweep.take(try Pages.page([], answeredAt: 30))
        #expect(sweep.declaredTotals == [2, 3])
        #expect(sweep.answeredAt == 30)
    }

    @Test("Two sweeps agree when they saw the same rows, in whatever order and on whatever pages")
    func agreement() throws {
        let sweep = try Pages.sweep([Pages.products(1...4)])
        let others: [(Bool, [[String]])] = [
            (true, [Pages.products(1...2), Pages.products(3...4)]), (true, [Pages.products(1...4).reversed()]),
            (false, [Pages.products(1...3)]), (false, [Pages.products(1...5)]),
            (false, [Pages.products(1...3) + [Pages.product("P4", price: "9")]]),
            (false, [Pages.products(1...4) + [Pages.product("P1")]]),
            (false, [Pages.products(1...4) + [Pages.product("P1", price: "9")]]),
        ]
        for (agrees, pages) in others {
            let other = try Pages.sweep(pages)
            #expect(sweep.agrees(with: other) == agrees, "\(pages)")
            #expect(other.agrees(with: sweep) == agrees, "\(pages)")
        }
    }

    // Catches a catalogue that is never believed because two of its keys look the same.
    @Test("Keys that look the same are two keys")
    func canonicallyEqualKeys() throws {
        let sweep = try CataloguePages.sweep([
            [CataloguePages.product("caf\u{E9}"), CataloguePages.product("cafe\u{301}", price: "9")]
        ])
        #expect(sweep.rows.count == 2)
        #expect(sweep.conflictingKeys == 0)
    }
}
