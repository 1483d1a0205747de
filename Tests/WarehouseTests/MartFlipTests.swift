import Synchronization
import Testing
import Warehouse
import WarehouseTestKit

@Suite("The flip of the mart")
struct MartFlipTests {
    /// The descriptions that a reader sees at one moment, with the number of rows of each.
    private static let picture = "SELECT product_description, count(*) FROM dmt.sales_items GROUP BY 1"
    private static let sales = 2_200

    @Test("shows readers a whole generation at every moment", arguments: WarehouseEngine.all)
    func atomic(engine: WarehouseEngine) throws {
        let warehouse = try engine.make()
        let store = try warehouse.catalogueStore()
        try store.refresh(.customers(["17850"]))
        try warehouse.salesWriter().ingest(
            (1...Self.sales).map { SaleDraft(id: Int64($0), lines: [.init("A", 1, 1)]) })
        let reader = SerialWorker(label: "test.reader", state: ())
        try rebuild(warehouse, round: 1)

        let polling = Polling()
        let pending = reader.submit { _ in try polling.run { try warehouse.rows(Self.picture) } }
        let rebuilds = Result { for round in 2...6 { try rebuild(warehouse, round: round) } }
        polling.stop()
        let seen = try pending.wait()
        try rebuilds.get()
        #expect(!seen.isEmpty)
        for picture in seen {
            #expect(picture.count == 1)
            #expect(picture.first?[1] == String(Self.sales))
        }
        #expect(try warehouse.rows(Self.picture) == [["round 6", String(Self.sales)]])
    }

    private func rebuild(_ warehouse: any WarehouseUnderTest, round: Int) throws {
        try warehouse.catalogueStore().refresh(.products([ProductDraft("A", "round \(round)", 1)]))
        _ = try warehouse.martStore().rebuild(allowMissingCustomer: false) { _, _ in
            // Between two transactions of the build as well.
            let expected = round == 1 ? [] : [["round \(round - 1)", String(Self.sales)]]
            let served = try warehouse.rows(Self.picture)
            #expect(served == expected)
        }
    }

    /// Asks again and again until it is told to stop, at least once.
    private final class Polling: Sendable {
        private let isStopped = Atomic<Bool>(false)

        func stop() { isStopped.store(true, ordering: .releasing) }

        func run(_ ask: () throws -> [[String?]]) throws -> [[[String?]]] {
            var answers: [[[String?]]] = []
            repeat {
                let answer = try ask()
                if answers.last != answer { answers.append(answer) }
            } while !isStopped.load(ordering: .acquiring)
            return answers
        }
    }
}
