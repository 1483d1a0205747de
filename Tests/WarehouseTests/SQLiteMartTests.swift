import Foundation
import Retail
import RetailTestKit
import SQLite
import Testing
import Warehouse
import WarehouseTestKit

@Suite("The mart in SQLite", .timeLimit(.minutes(2)))
struct SQLiteMartTests {
    private let warehouse: SQLiteWarehouseUnderTest
    private let sales = [
        SaleDraft(id: 1, lines: [.init("A", 3, 15_301), .init("B", -1, -7)]),
        SaleDraft(id: 2, datetime: "2010-12-02 00:00:00", lines: [.init("A", 1, 19_999), .init("unknown", 1, 1)]),
        SaleDraft(id: 3, customer: nil, lines: [.init("A", 0, 0)]), SaleDraft(id: 4, lines: [.init("A", 0, 10)]),
    ]

    init() throws {
        warehouse = try SQLiteWarehouseUnderTest()
        let store = warehouse.catalogueStore(codeVersion: "1")
        try store.refresh(.products([ProductDraft("A", "a's", 20_000), ProductDraft("B", "b", 3)]))
        try store.refresh(.customers(["17850"]))
        try warehouse.salesWriter().ingest(sales)
    }

    @Test("shows the exact integers beneath as the nearest decimals, in the columns that were promised")
    func view() throws {
        try rebuild()
        for view in ["dmt.sales_items", "dmt.sales_final"] {
            let rows = try warehouse.connect(.readOnly).prepare("SELECT * FROM \(view) ORDER BY id")
            #expect(
                (0..<rows.columnCount).map { rows.name(ofColumn: $0) } == [
                    "id", "sales_datetime", "item_amount", "product_sku", "item_quantity", "product_description",
                    "discount_perc",
                ])
            var seen = 0
            for item in try warehouse.martItems() {
                let hasRow = try rows.step()
                try #require(hasRow)
                #expect(rows.text(at: 0) == "\(item.sale)-\(item.sku)")
                #expect(rows.text(at: 1) == item.datetime)
                #expect(rows.real(at: 2) == Double(item.amount) / 10_000)
                #expect(rows.text(at: 3) == item.sku)
                #expect(rows.integer(at: 4) == item.quantity)
                #expect(rows.text(at: 5) == item.description)
                #expect((rows.isNull(at: 6) ? nil : rows.real(at: 6)) == item.discount.map { Double($0) / 100 })
                seen += 1
            }
            let hasMore = try rows.step()
            #expect(!hasMore)
            #expect(seen == 4)
        }
        #expect(
            try warehouse.rows("SELECT id, item_amount, discount_perc FROM dmt.sales_items WHERE id = '2-A'")
                == [["2-A", "1.9999", "0.01"]])
    }

    @Test("orders, and finds a sale, by its key and reads only the slot that is served")
    func plan() throws {
        try rebuild()
        let plan = try warehouse.rows(
            "EXPLAIN QUERY PLAN SELECT * FROM dmt.mart_lines_1 WHERE sale_id = 2"
        ).compactMap(\.last)
        #expect(plan.allSatisfy { $0?.contains("PRIMARY KEY") == true })
    }

    static let tampering = [
        "DELETE FROM dmt.mart_lines_SLOT WHERE sale_id = 1 AND product_sku = 'B'",
        "DELETE FROM dmt.mart_lines_SLOT WHERE orphan_reason IS NOT NULL",
        "UPDATE dmt.mart_lines_SLOT SET item_amount = item_amount + 1 WHERE sale_id = 1 AND product_sku = 'A'",
        "UPDATE dmt.mart_lines_SLOT SET item_amount = item_amount + 10000 WHERE sale_id = 2",
        "UPDATE dmt.mart_lines_SLOT SET item_quantity = 4 WHERE sale_id = 1 AND product_sku = 'A'",
        "UPDATE dmt.mart_lines_SLOT SET sales_datetime = '2010-12-03 00:00:00' WHERE sale_id = 2",
        "UPDATE dmt.mart_lines_SLOT SET item_amount = -1 WHERE orphan_reason IS NOT NULL",
        "INSERT INTO dmt.mart_lines_SLOT VALUES (9, 'A', '2010-12-01 00:00:00', 0, 0, 'a', NULL, NULL, NULL, NULL)",
        """
        INSERT INTO dmt.mart_lines_SLOT
        VALUES (9, 'A', '2010-12-01 00:00:00', 0, 0, NULL, NULL, 'no_customer', NULL, '')
        """,
    ]

    @Test("is not shown when the audit finds it different from ods; the old one stays", arguments: tampering)
    func audit(sql: String) throws {
        try rebuild()
        let served = try warehouse.dump(["dmt"])["dmt.generation"]
        let items = try warehouse.martItems()
        var tampered = 0
        let error = try #require(throws: WarehouseError.self) {
            _ = try warehouse.martStore().rebuild(allowMissingCustomer: false) { _, _ in
                try warehouse.execute(sql.replacing("SLOT", with: "0"))
                tampered += 1
            }
        }
        #expect(tampered == 1)
        #expect(error.code == .auditFailed)
        #expect(error.place == warehouse.directory.file("dmt.db"))
        #expect(try warehouse.dump(["dmt"])["dmt.generation"] == served)
        #expect(try warehouse.martItems() == items)
        // The next build begins anew.
        try rebuild()
        #expect(try warehouse.martItems() == items)
    }

    @Test("opens without the other files: all that its views need is in dmt.db")
    func alone() throws {
        try rebuild()
        let other = try TemporaryDirectory()
        for suffix in ["", "-wal"]
        where FileManager.default.fileExists(atPath: warehouse.directory.file("dmt.db\(suffix)")) {
            try other.write(warehouse.directory.read("dmt.db\(suffix)"), to: "copy.db\(suffix)")
        }
        let database = try Database()
        try database.attach(other.file("copy.db"), as: "analyst", access: .readWrite)
        let views = try database.prepare("SELECT name FROM analyst.sqlite_schema WHERE type = 'view'")
        var rows: [String: Int64] = [:]
        while try views.step() {
            let view = views.text(at: 0)
            rows[view] = try database.integer("SELECT count(*) FROM analyst.\(view)")
        }
        #expect(rows == ["sales_items": 4, "sales_final": 4, "orphans": 2])
    }

    @Test("can be read by those who may not write its directory, while it is written and afterwards")
    func readersWithoutPermission() async throws {
        try rebuild()
        let path = warehouse.directory.path
        try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: path)
        defer { try? FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path) }
        await Self.readAsAnalyst(path)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        let writer = try warehouse.connect()
        defer { withExtendedLifetime(writer) {} }
        #expect(try writer.integer("SELECT count(*) FROM dmt.sales_items") == 4)
        try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: path)
        await Self.readAsAnalyst(path)
    }

    private static func readAsAnalyst(_ path: String) async {
        await #expect(processExitsWith: .exitCode(4)) { [path = path as String] in
            // Permissions say nothing to root.
            if getuid() == 0, setgid(65_534) != 0 || setuid(65_534) != 0 { exit(1) }
            let database = try Database()
            try database.attach("\(path)/dmt.db", as: "dmt", access: .readOnly)
            exit(Int32(try database.integer("SELECT count(*) FROM dmt.sales_items") ?? -1))
        }
    }

    private func rebuild() throws {
        _ = try warehouse.martStore().rebuild(allowMissingCustomer: false) { _, _ in }
    }
}
