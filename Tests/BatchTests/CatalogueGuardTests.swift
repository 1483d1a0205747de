import Retail
import Testing
import Warehouse

@testable import Batch

@Suite("The guard of the catalogues")
struct CatalogueGuardTests {
    private func row(_ key: String?, _ text: String) -> CatalogueRow {
        CatalogueRow(key: key, payload: Array(text.utf8), isJSON: true, fileName: "page")
    }

    private func products(_ prices: [String]) -> [CatalogueRow] {
        prices.enumerated().map { row("P\($0)", CataloguePages.product("P\($0)", price: $1)) }
    }

    private func products(_ count: Int) -> [CatalogueRow] {
        products((0..<count).map { "\($0 + 1).99" })
    }

    private func objection(
        _ rows: [CatalogueRow], after last: [CatalogueRow]?, largest: Int = 0, percent: Double = 20,
        _ catalogue: Catalogue = .products
    ) -> String? {
        let snapshot = CatalogueSnapshot(
            catalogue: catalogue, rows: rows, pages: 1, declaredTotal: nil, sweeps: 2, proof: "", answeredAt: 1)
        return CatalogueGuard(shrinkPercentMax: percent, timeZone: .utc).objection(
            to: snapshot, after: last.map { CatalogueBaseline(rows: $0, largest: largest) })
    }

    @Test("The very first is believed unless it is empty")
    func first() {
        #expect(objection(products(1), after: nil) == nil)
        #expect(objection([], after: nil) == "it is empty")
        #expect(objection([row(nil, "{}")], after: nil) == "none of its 1 rows has a usable key")
    }

    @Test("An empty one is not believed, unless the last one was accepted as empty")
    func empty() {
        #expect(objection([], after: products(1), percent: 100) == "it is empty")
        #expect(objection([], after: []) == nil)
        #expect(objection(products(3), after: []) == nil)
    }

    @Test(
        "One that shrank by more than was allowed is not believed",
        arguments: [
            (8, 20.0, true), (7, 20, false), (10, 0, true), (9, 0, false), (1, 100, true), (7, 30, true),
            (6, 30, false),
        ])
    func shrunk(rows: Int, percent: Double, isBelieved: Bool) {
        let reason = objection(Array(products(10).prefix(rows)), after: products(10), percent: percent)
        #expect((reason == nil) == isBelieved, "\(reason ?? "believed")")
    }

    // Catches a catalogue that loses a tenth every night, and a count of rows that nobody can use.
    @Test("It is compared with the largest of a while too, by its usable keys; customers alike")
    func largest() {
        #expect(objection(products(9), after: products(10), largest: 11) == nil)
        #expect(
            objection(products(9), after: products(10), largest: 12)
                == "it has 9 rows, the largest of the last 7 days had 12: 25 % less")
        let keyless = products(5) + (0..<5).map { row(nil, "{\"sku\": \($0)}") }
        #expect(objection(keyless, after: products(10)) == "it has 5 rows, the last one had 10: 50 % less")
        let customers = (0..<10).map { row("C\($0)", CataloguePages.customer("C\($0)")) }
        #expect(objection(Array(customers.prefix(8)), after: customers, .customers) == nil)
        #expect(objection(Array(customers.prefix(7)), after: customers, .customers) != nil)
    }

    @Test("One without a single key of the last one is not believed")
    func others() {
        let others = (0..<10).map { row("p\($0)", CataloguePages.product("p\($0)")) }
        #expect(objection(others, after: products(10)) == "none of the 10 keys of the last one is in it")
        #expect(objection(others + products(1), after: products(10)) == nil)
    }

    private static let before = ["2.55", "0.42", "12.50", "3.39", "1.00", "19.95", "7", "0.85", "4.25", "165"]

    private static func scaled(_ factor: Double, decimals: Int = 4) -> [String] {
        before.map { price in
            let units = ((Double(price) ?? 0) * factor * (decimals == 2 ? 100 : 10_000)).rounded()
            return Money(units: Int64(units) * (decimals == 2 ? 100 : 1)).description
        }
    }

    /// The first so many prices changed, the others as they were.
    private func first(_ count: Int, of changed: [String]) -> [String] {
        Array(changed.prefix(count)) + Self.before.dropFirst(count)
    }

    @Test(
        "Most prices changed by one factor are not believed, rounded ones either",
        arguments: [10, 100, 0.1, 0.01, 1.19, 0.5, 0], [2, 4])
    func repriced(factor: Double, decimals: Int) {
        let last = products(Self.before)
        let all = Self.scaled(factor, decimals: decimals)
        #expect(objection(products(all), after: last)?.contains("by the same factor") == true)
        // Six of ten are most, five are not.
        #expect(objection(products(first(6, of: all)), after: last)?.hasPrefix("6 of 10") == true)
        #expect(objection(products(first(5, of: all)), after: last) == nil)
    }

    @Test("Nearly all prices changed in whatever way are not believed; in a small shop they are, unless by one factor")
    func allChanged() {
        let last = products(Self.before)
        let others = Self.before.indices.map { Self.scaled(1.1 + Double($0) / 3)[$0] }
        #expect(objection(products(others), after: last) == "10 of 10 prices changed")
        #expect(objection(products(first(9, of: others)), after: last) == "9 of 10 prices changed")
        #expect(objection(products(first(8, of: others)), after: last) == nil)
        let small = products(Array(Self.before.prefix(9)))
        #expect(objection(products(Array(others.prefix(9))), after: small) == nil)
        #expect(objection(products(["5.10"]), after: products(["2.55"])) == nil)
        #expect(objection(products(["5.10", "2.00"]), after: products(["2.55", "1.00"])) != nil)
    }

    // Catches a guard that new products, descriptions or refused rows trip.
    @Test("What else changes is no matter: texts, new products, rows that are refused alone")
    func believed() {
        let last = products(Self.before)
        let renamed = Self.before.enumerated().map {
            row("P\($0)", CataloguePages.product("P\($0)", price: $1, note: "new"))
        }
        #expect(objection(renamed, after: last) == nil)
        #expect(objection(last + products(40).dropFirst(10), after: last) == nil)
        let refused = Self.before.indices.map { row("P\($0)", CataloguePages.product("P\($0)", price: "-1")) }
        #expect(objection(refused, after: last) == nil)
        // "é" in one code point or in two: two products.
        let (one, two) = (
            row("\u{E9}", CataloguePages.product("\u{E9}")),
            row("e\u{301}", CataloguePages.product("e\u{301}", price: "9"))
        )
        #expect(objection([one, two], after: [two, one]) == nil)
    }
}
