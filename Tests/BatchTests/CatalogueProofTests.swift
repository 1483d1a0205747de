import Testing

@testable import Batch

@Suite("Whether a full refresh is proven complete")
struct CatalogueProofTests {
    private typealias Pages = CataloguePages

    private enum Verdict: Hashable {
        case proven, again, refused
    }

    /// The verdict after each sweep.
    private func verdicts(_ sweeps: [CatalogueSweep]) -> [Verdict] {
        sweeps.indices.map { index in
            switch CatalogueProof().verdict(on: Array(sweeps[...index])) {
            case .proven: .proven
            case .sweepAgain: .again
            case .refused: .refused
            }
        }
    }

    @Test("With the declared total and distinct keys one sweep is enough")
    func total() throws {
        #expect(verdicts([try Pages.sweep([Pages.products(1...3)], total: 3)]) == [.proven])
        #expect(verdicts([try Pages.sweep([], total: 0)]) == [.proven])
    }

    // Catches a refresh that believes whatever came first: a catalogue cut off would close half of the products.
    @Test("Without a total two sweeps in a row must agree")
    func noTotal() throws {
        let (whole, part) = (try Pages.sweep([Pages.products(1...3)]), try Pages.sweep([Pages.products(1...2)]))
        #expect(verdicts([whole, whole]) == [.again, .proven])
        #expect(verdicts([part, whole, whole]) == [.again, .again, .proven])
        #expect(verdicts([whole, part, whole, part]) == [.again, .again, .again, .refused])
        let empty = try Pages.sweep([])
        #expect(verdicts([empty, empty]) == [.again, .proven])
    }

    @Test("A total that is not met is asked again, and refused when it stays so, though the sweeps agree")
    func lyingTotal() throws {
        let (cut, whole) = (
            try Pages.sweep([Pages.products(1...2)], total: 3), try Pages.sweep([Pages.products(1...3)], total: 3)
        )
        #expect(verdicts([cut, whole]) == [.again, .proven])
        #expect(verdicts([cut, cut, cut, cut]) == [.again, .again, .again, .refused])
        let tooMany = try Pages.sweep([Pages.products(1...4)], total: 3)
        #expect(verdicts([tooMany, tooMany, tooMany, tooMany]) == [.again, .again, .again, .refused])
    }

    @Test("A total that changes from page to page proves nothing")
    func changingTotal() throws {
        let changing = try Pages.sweep([Pages.products(1...2), Pages.products(3...3)], totals: [2, 3, 3, 3])
        #expect(changing.declaredTotals == [2, 3])
        let good = try Pages.sweep([Pages.products(1...3)], total: 3)
        #expect(verdicts([changing, good]) == [.again, .proven])
        #expect(verdicts([changing, changing, changing, changing]) == [.again, .again, .again, .refused])
    }

    @Test("A key that comes twice as it is makes a total believed only when two sweeps agree")
    func repeatedKeys() throws {
        let twice = try Pages.sweep([Pages.products(1...3) + [Pages.product("P1")]], total: 3)
        #expect(verdicts([twice, twice]) == [.again, .proven])
        // The total counts it twice: whether a fourth product is missing can't be told.
        let counted = try Pages.sweep([Pages.products(1...3) + [Pages.product("P1")]], total: 4)
        #expect(verdicts([counted, counted, counted, counted]) == [.again, .again, .again, .refused])
        let noTotal = try Pages.sweep([Pages.products(1...3) + [Pages.product("P1")]])
        #expect(verdicts([noTotal, noTotal, noTotal, noTotal]) == [.again, .again, .again, .refused])
    }

    // Catches a drifting listing believed because each sweep drifts alike.
    @Test("A key that comes twice with different content is drift: never believed", arguments: [nil, 3, 4] as [Int?])
    func drift(_ total: Int?) throws {
        let drift = try Pages.sweep([Pages.products(1...3) + [Pages.product("P1", price: "9")]], total: total)
        #expect(verdicts([drift, drift, drift, drift]) == [.again, .again, .again, .refused])
        let good = try Pages.sweep([Pages.products(1...3)], total: 3)
        #expect(verdicts([drift, good]) == [.again, .proven])
    }

    @Test("A listing that repeats itself is never believed, also when its total is met", arguments: [nil, 3] as [Int?])
    func repeating(_ total: Int?) throws {
        let repeating = try Pages.sweep([Pages.products(1...3), Pages.products(1...3)], total: total)
        #expect(repeating.repeatsItself)
        #expect(
            verdicts([repeating, repeating, repeating, repeating]) == [.again, .again, .again, .refused])
    }

    @Test("The reason says what was seen, and no row")
    func reasons() throws {
        let cut = try Pages.sweep([Pages.products(1...2)], total: 3)
        #expect(CatalogueProof().verdict(on: [cut]) == .sweepAgain(because: "2 distinct rows came, 3 were declared"))
        #expect(
            CatalogueProof().verdict(on: [cut, cut, cut, cut])
                == .refused(because: "2 distinct rows came, 3 were declared, after 4 sweeps"))
        #expect(CatalogueProof().verdict(on: []) == .sweepAgain(because: "nothing was read yet"))
        let whole = try Pages.sweep([Pages.products(1...3)], total: 3)
        #expect(CatalogueProof().verdict(on: [whole]) == .proven("3 rows, as declared"))
    }
}
