import RetailAPI
import RetailTestKit
import Testing

@testable import Extract

/// Whole walks against a model of a server.
@Suite("Whole walks")
struct SalesWalkModelTests {
    private struct Server {
        var rows: [(place: Int64, text: String)] = []
        var isInclusive: Bool
        /// It gives at most so many rows, whatever is asked.
        var rowsMax: Int

        func page(from start: SalesStart, limit: Int) throws -> SalesPage {
            guard case .id(let id) = start else { return try Rows.page([], limit: limit) }
            let found = rows.filter { isInclusive ? $0.place >= id : $0.place > id }
            return try Rows.page(found.prefix(min(rowsMax, limit)).map(\.text), limit: limit)
        }
    }

    private func server(_ random: inout SeededGenerator) -> Server {
        var server = Server(isInclusive: Bool.random(using: &random), rowsMax: Int.random(in: 4...9, using: &random))
        var id = Int64.random(in: 1...3, using: &random)
        for _ in 0..<Int.random(in: 0...60, using: &random) {
            server.rows.append((id, Rows.sale(id)))
            // An exclusive server does not serve what hangs on the sale that it leaves out.
            if server.isInclusive, Int.random(in: 0..<6, using: &random) == 0 {
                for number in 0..<Int.random(in: 1...2, using: &random) {
                    server.rows.append((id, Rows.withoutID("\(id).\(number)")))
                }
            }
            id += Int64.random(in: 1...3, using: &random)
        }
        return server
    }

    // Catches, among others: dropping a row too many at a page's seam, keeping one too many, ending too early.
    @Test(
        "Every row comes exactly once, in order, whatever the server's pages, with empty and repeated pages between",
        arguments: 0..<200 as Range<UInt64>)
    func walks(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let server = server(&random)
        let limit = Int.random(in: 4...12, using: &random)
        var walk = SalesWalk(from: .id(1))
        var taken: [String] = []
        var lastPage: SalesPage?
        // A page with nothing new is an end by agreement when it comes twice: no fault behind one.
        var isConfirming = false
        for _ in 0..<1_000 {
            var page = try server.page(from: walk.start, limit: limit)
            switch Int.random(in: 0..<8, using: &random) {
            case 0 where !isConfirming: page = try Rows.page([], limit: limit)
            case 1 where !isConfirming: page = lastPage ?? page
            default: break
            }
            lastPage = page.rows.isEmpty ? lastPage : page
            let step = walk.take(page)
            isConfirming = step == .confirm
            switch step {
            case .new(let rows):
                taken += rows.map { String(decoding: page.page.body[page.rows[$0].bytes], as: UTF8.self) }
            case .confirm, .contradicted, .repeated: continue
            case .stuck:
                Issue.record("seed \(seed): stuck at \(walk.start)")
                return
            case .end:
                #expect(taken == server.rows.map(\.text), "seed \(seed)")
                return
            }
        }
        Issue.record("seed \(seed): no end")
    }
}
