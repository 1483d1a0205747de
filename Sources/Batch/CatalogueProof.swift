internal import Warehouse

/// Decides from the sweeps made so far whether a full refresh is proven complete.
///
/// Proven are distinct keys with the declared total, or, where none is declared, distinct keys and two sweeps in a row
/// that agree. A key that comes twice at the edge of two pages often stands where another one is missing; only a total
/// tells that none is.
struct CatalogueProof {
    enum Verdict: Hashable {
        case proven(String)
        case sweepAgain(because: String)
        case refused(because: String)
    }

    /// A listing that has not agreed with itself after so many sweeps is given up.
    static let sweepsMax = 4

    func verdict(on sweeps: [CatalogueSweep]) -> Verdict {
        guard let last = sweeps.last else { return .sweepAgain(because: "nothing was read yet") }
        let agrees = sweeps.count > 1 && last.agrees(with: sweeps[sweeps.count - 2])
        if last.repeatsItself {
            return again(sweeps, because: "page \(last.pages) brought nothing but rows of earlier pages")
        }
        if last.conflictingKeys > 0 {
            return again(sweeps, because: "\(last.conflictingKeys) keys came twice with different content")
        }
        if last.declaredTotals.count > 1 {
            return again(sweeps, because: "the declared total changed from page to page")
        }
        if let total = last.declaredTotals.first {
            let rows = Int64(last.rows.count)
            if rows == total && last.repeatedKeys == 0 { return .proven("\(rows) rows, as declared") }
            if rows == total && agrees { return .proven("\(rows) distinct rows, as declared; some came twice") }
            return again(sweeps, because: "\(rows) distinct rows came, \(total) were declared")
        }
        if last.repeatedKeys > 0 { return again(sweeps, because: "\(last.repeatedKeys) keys came more than once") }
        if agrees { return .proven("two sweeps agree on \(last.rows.count) rows") }
        return again(sweeps, because: sweeps.count == 1 ? "no total is declared" : "two sweeps differ")
    }

    private func again(_ sweeps: [CatalogueSweep], because reason: String) -> Verdict {
        sweeps.count < CatalogueProof.sweepsMax
            ? .sweepAgain(because: reason) : .refused(because: "\(reason), after \(sweeps.count) sweeps")
    }
}
