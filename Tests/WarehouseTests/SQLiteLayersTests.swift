import RetailTestKit
import Testing
import Warehouse
import WarehouseTestKit

@Suite("The two files of a SQLite warehouse")
struct SQLiteLayersTests {
    // Catches a layer that waits for the other one.
    @Test("are written apart: one that fails leaves the other written", arguments: ["ods.sales", "raw.sales"])
    func apart(failing: String) throws {
        let healthy = failing == "ods.sales" ? "raw.sales" : "ods.sales"
        let warehouse = try SQLiteWarehouseUnderTest()
        let writer = try warehouse.salesWriter()
        try writer.ingest([SaleDraft(id: 1)])
        let drafts = [RecordDraft(SaleDraft(id: 2), version: 1, offset: 1)]
        _ = try warehouse.failingWrites(to: failing) {
            #expect(throws: WarehouseError.self) { try writer.ingest(drafts) }
        }
        #expect(try warehouse.number("SELECT count(*) FROM \(failing)") == 1)
        #expect(try warehouse.number("SELECT count(*) FROM \(healthy)") == 2)
        let kept = try warehouse.dump([String(healthy.prefix(3))])
        try writer.ingest(drafts)
        #expect(try warehouse.dump([String(healthy.prefix(3))]) == kept)
        #expect(try warehouse.number("SELECT count(*) FROM \(failing)") == 2)
    }
}
