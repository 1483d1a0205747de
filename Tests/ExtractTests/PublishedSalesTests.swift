import Testing
import Warehouse

@testable import Extract

@Suite("What is known to be published")
struct PublishedSalesTests {
    private func all(_ page: SalesPage) -> [Int] { Array(page.rows.indices) }

    @Test("Without a warehouse everything is different that this process has not published as it is")
    func ownMemory() async throws {
        var published = PublishedSales(known: nil, salesMax: 10)
        let first = try Rows.page([Rows.sale(1), Rows.sale(2), Rows.invalid(3), Rows.withoutID("x")])
        #expect(try await published.different(first, all(first)) == [0, 1, 2, 3])
        published.note(first, all(first))
        #expect(try await published.different(first, all(first)) == [])
        let later = try Rows.page([
            Rows.sale(1), Rows.sale(2, quantity: 2), Rows.invalid(3, "other"), Rows.withoutID("y"), Rows.sale(4),
        ])
        #expect(try await published.different(later, all(later)) == [1, 2, 3, 4])
        // Only the rows asked about are judged.
        #expect(try await published.different(later, [0, 4]) == [4])
    }

    // Catches a look-up by id alone: a changed sale would never be published again.
    @Test("What the warehouse holds as it is, is not different; what it holds otherwise, or does not hold, is")
    func warehouse() async throws {
        let warehouse = try StubWarehouse([Rows.sale(1), Rows.sale(2), Rows.invalid(3), Rows.withoutID("x")])
        let published = PublishedSales(known: warehouse, salesMax: 10)
        let page = try Rows.page([
            Rows.sale(1), Rows.sale(2, quantity: 2), Rows.invalid(3), Rows.invalid(3, "other"), Rows.withoutID("x"),
            Rows.withoutID("y"), Rows.sale(4),
        ])
        #expect(try await published.different(page, all(page)) == [1, 3, 5, 6])
    }

    @Test("The same sale in other words (blanks, order of fields) is not different")
    func otherBytes() async throws {
        let warehouse = try StubWarehouse([Rows.sale(1)])
        let published = PublishedSales(known: warehouse, salesMax: 10)
        let page = try Rows.page([
            #"{"items":[{"quantity":1,"product_sku":"85123A","amount":1.5}],"customer_id":"17850","total_amount":1.5,"#
                + #""datetime":"2026-03-02 10:00:00","id":"1"}"#
        ])
        #expect(page.rows[0].isValid)
        #expect(try await published.different(page, [0]) == [])
    }

    // Catches asking the warehouse first: ingestion is behind, and what was published a moment ago would be missed.
    @Test("What this process published goes before what the warehouse has so far")
    func processBeforeWarehouse() async throws {
        let warehouse = try StubWarehouse([Rows.sale(1)])
        var published = PublishedSales(known: warehouse, salesMax: 10)
        let changed = try Rows.page([Rows.sale(1, quantity: 2)])
        published.note(changed, [0])
        #expect(try await published.different(changed, [0]) == [])
        // And back again: the warehouse would call it known.
        let back = try Rows.page([Rows.sale(1)])
        #expect(try await published.different(back, [0]) == [0])
        #expect(warehouse.askedSales == [])
    }

    @Test("A valid sale that the warehouse holds, served invalid, is published; and valid again as well")
    func validAndInvalid() async throws {
        let warehouse = try StubWarehouse([Rows.sale(1)])
        var published = PublishedSales(known: warehouse, salesMax: 10)
        let invalid = try Rows.page([Rows.invalid(1)])
        #expect(try await published.different(invalid, [0]) == [0])
        published.note(invalid, [0])
        #expect(try await published.different(invalid, [0]) == [])
        let valid = try Rows.page([Rows.sale(1)])
        #expect(try await published.different(valid, [0]) == [0])
    }

    // Catches taking each of the two for a change of the other: they would be published in turn for ever.
    @Test("Of several rows with one id the last counts")
    func twice() async throws {
        let page = try Rows.page([Rows.sale(1), Rows.sale(2), Rows.sale(1, quantity: 2), Rows.withoutID("x")])
        var published = PublishedSales(known: nil, salesMax: 10)
        #expect(try await published.different(page, all(page)) == [1, 2, 3])
        published.note(page, all(page))
        #expect(try await published.different(page, all(page)) == [])
        let warehouse = try StubWarehouse([Rows.sale(1), Rows.sale(2), Rows.sale(1, quantity: 2)])
        let other = PublishedSales(known: warehouse, salesMax: 10)
        #expect(try await other.different(page, all(page)) == [3])
        #expect(try await other.different(page, [0]) == [0])
    }

    @Test("A warehouse that fails is an error and not an empty one")
    func failure() async throws {
        let warehouse = try StubWarehouse()
        let failure = WarehouseError(code: .busy, what: "busy", place: "ods", remedy: "try again")
        warehouse.fail(with: failure)
        let published = PublishedSales(known: warehouse, salesMax: 10)
        let page = try Rows.page([Rows.sale(1)])
        await #expect(throws: failure) { try await published.different(page, [0]) }
    }
}

@Suite("The sales published last")
struct RecentSalesTests {
    @Test("They are remembered up to the limit; the oldest goes first")
    func limit() {
        var recent = RecentSales(salesMax: 3)
        for id in 1...5 as ClosedRange<Int64> { recent.note(id: id, contentHash: id * 10) }
        #expect([recent[1], recent[2], recent[3], recent[4], recent[5]] == [nil, nil, 30, 40, 50])
        recent.note(id: 6, contentHash: 60)
        recent.note(id: 7, contentHash: 70)
        recent.note(id: 8, contentHash: 80)
        recent.note(id: 9, contentHash: 90)
        #expect([recent[6], recent[7], recent[8], recent[9]] == [nil, 70, 80, 90])
    }

    // Catches a change that takes a place of its own: the memory would shrink with every changed sale.
    @Test("A sale that changes keeps its place and takes its new content")
    func change() {
        var recent = RecentSales(salesMax: 2)
        recent.note(id: 1, contentHash: 10)
        recent.note(id: 1, contentHash: 11)
        recent.note(id: 2, contentHash: 20)
        #expect(recent[1] == 11)
        recent.note(id: 1, contentHash: 12)
        recent.note(id: 3, contentHash: 30)
        #expect([recent[1], recent[2], recent[3]] == [nil, 20, 30])
    }

    @Test("Where they begin is known only once there are as many as the limit")
    func lowest() {
        var recent = RecentSales(salesMax: 3)
        #expect(recent.lowestID == nil)
        recent.note(id: 9, contentHash: 0)
        recent.note(id: 7, contentHash: 0)
        recent.note(id: 7, contentHash: 1)
        #expect(recent.lowestID == nil)
        recent.note(id: 8, contentHash: 0)
        #expect(recent.lowestID == 7)
        recent.note(id: 10, contentHash: 0)
        recent.note(id: 11, contentHash: 0)
        #expect(recent.lowestID == 8)
    }

    @Test("A limit of 0 is one of 1", arguments: [0, -1])
    func noLimit(_ salesMax: Int) {
        var recent = RecentSales(salesMax: salesMax)
        recent.note(id: 1, contentHash: 1)
        recent.note(id: 2, contentHash: 2)
        #expect([recent[1], recent[2]] == [nil, 2])
    }
}
