import RetailTestKit
import Testing
import Warehouse
import WarehouseTestKit

@Suite("A history of records")
struct SaleHistoryTests {
    @Test(
        "ends in the same rows, however it is cut, ordered and repeated",
        arguments: WarehouseEngine.ingesting, (1...24).map { UInt64($0) * 7_919 })
    func anyOrder(engine: WarehouseEngine, seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let history = SalesModel.Record.history(count: 60, &generator)
        let model = SalesModel(history)
        let warehouse = try engine.make()
        let writer = try warehouse.salesWriter()

        // As Kafka delivers it (seed even), or in any order at all; some of it more than once.
        var order = Array(history.indices)
        if seed % 2 == 1 { order.shuffle(using: &generator) }
        for _ in 0..<3 {
            let from = Int.random(in: order.indices, using: &generator)
            order += order[from...].prefix(20)
        }
        try ingest(order.map { history[$0].draft }, into: writer, &generator)
        try compare(warehouse, with: model, "seed \(seed), first")

        // All of it again: first as a reader that goes back does, then in any order.
        let before = try warehouse.dump(["raw", "ods"])
        try ingest(history.map(\.draft), into: writer, &generator)
        #expect(try warehouse.dump(["raw", "ods"]) == before, "seed \(seed), replay")
        try ingest(history.map(\.draft).shuffled(using: &generator), into: writer, &generator)
        #expect(try warehouse.dump(["raw", "ods"]) == before, "seed \(seed), replay in another order")
    }

    @Test(
        "ends in the same rows when batches fail in between", arguments: WarehouseEngine.ingesting, [UInt64(5), 6, 7])
    func withFailures(engine: WarehouseEngine, seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let history = SalesModel.Record.history(count: 60, &generator)
        let warehouse = try engine.make()
        var rest = history.map(\.draft)[...]
        while !rest.isEmpty {
            let writer = try warehouse.salesWriter()
            let batch = Array(rest.prefix(Int.random(in: 1...12, using: &generator)))
            let table = ["raw.sales", "raw.offsets", "ods.sales", "ods.offsets"].randomElement(using: &generator)
            try warehouse.failingWrites(to: table ?? "raw.sales") {
                // A refused statement, or nothing to refuse in this batch.
                _ = try? writer.ingest(batch)
            }
            // Reading goes on, and reaches back as far as the layer that knows least.
            try writer.ingest(batch)
            rest = rest.dropFirst(Int.random(in: 1...batch.count, using: &generator))
        }
        try compare(warehouse, with: SalesModel(history), "seed \(seed)")
    }

    private func ingest(
        _ drafts: [RecordDraft], into writer: any SalesWriter, _ generator: inout SeededGenerator
    ) throws {
        var rest = drafts[...]
        while !rest.isEmpty {
            let size = Int.random(in: 1...25, using: &generator)
            // The same record twice in one batch cannot come from Kafka.
            var seen: Set<RecordDraft> = []
            try writer.ingest(rest.prefix(size).filter { seen.insert($0).inserted })
            rest = rest.dropFirst(size)
        }
    }

    private func compare(_ warehouse: any WarehouseUnderTest, with model: SalesModel, _ comment: Comment) throws {
        #expect(try SalesModel.sales(of: warehouse) == model.sales, comment)
        #expect(try SalesModel.rejects(of: warehouse) == model.rejects, comment)
        #expect(
            try warehouse.number(
                "SELECT count(*) FROM ods.sales_items WHERE sale_id NOT IN (SELECT id FROM ods.sales)") == 0, comment)
    }
}
