import RetailTestKit
import Testing
import Warehouse
import WarehouseTestKit

@Suite("The mart of PostgreSQL, as far as it is read")
struct PostgreSQLMartTests {
    /// Two sales in ods; in slot 1, which is served, one row of the mart and one orphan of the first.
    private static func warehouse() throws -> PostgreSQLWarehouseUnderTest {
        let warehouse = try PostgreSQLWarehouseUnderTest()
        try warehouse.salesWriter().ingest([
            SaleDraft(id: 7, lines: [.init("A", 2, 30_000), .init("Z", 1, 5_000), .init("A", 1, 10_000)]),
            SaleDraft(id: 8, datetime: "2010-12-02 00:00:00"),
        ])
        try warehouse.execute(
            """
            INSERT INTO dmt.mart_lines_1 VALUES
                (7, 'A', '2010-12-01 08:04:00', 40000, 3, 'apple', 3333, NULL, NULL, NULL),
                (7, 'Z', '2010-12-01 08:04:00', 5000, 1, NULL, NULL, 'unknown_product', '17850',
                 '2023-11-14 22:13:21+00');
            INSERT INTO dmt.mart_lines_0 VALUES (7, 'A', '2009-01-01', 1, 1, 'old', 0, NULL, NULL, NULL);
            INSERT INTO dmt.generation_sales_1 VALUES (7, 1);
            UPDATE dmt.generation SET slot = 1, number = 4, sales = 1, rows = 1, orphans = 1,
                SYS_DATE_CREATE = '2023-11-14 22:13:20.123456+00';
            """)
        return warehouse
    }

    @Test("shows exact decimals, of the slot that is served only")
    func views() throws {
        let warehouse = try Self.warehouse()
        #expect(
            try warehouse.rows("SELECT * FROM dmt.sales_final")
                == [["7-A", "2010-12-01 08:04:00", "4.0000", "A", "3", "apple", "33.33"]])
        #expect(
            try warehouse.rows("SELECT sale_id, product_sku, customer_id, reason FROM dmt.orphans")
                == [["7", "Z", "17850", "unknown_product"]])
    }

    @Test("is told by status, summary, trace and balance")
    func told() throws {
        let warehouse = try Self.warehouse()
        let status = try warehouse.status()
        #expect(status.rawSales == 2 && status.sales == 2 && status.lines == 4 && status.products == 0)
        #expect(status.martGeneration == 4 && status.martRows == 1 && status.orphans == 1)
        #expect(status.martBuilt == "2023-11-14T22:13:20.123Z")
        #expect(status.latestSale == "2010-12-02 00:00:00" && status.latestSaleInMart == "2010-12-01 08:04:00")
        #expect(Set(status.fileBytes.keys) == ["raw", "ods", "dmt", "ops"])
        #expect(status.fileBytes.values.allSatisfy { $0 > 0 })

        let summary = try warehouse.summary(firstRows: 5)
        #expect(summary.rows == 1 && summary.sales == 1 && summary.days == 1 && summary.amount == 40_000)
        #expect(summary.firstRows.map(\.discountPercent) == [33.33])

        let trace = try warehouse.saleTracer().trace(sale: 7)
        #expect(trace.lines.map(\.sku) == ["A", "Z"])
        #expect(trace.lines[0].mart?.sold == trace.lines[0].stored && trace.lines[0].mart?.discount == 3_333)
        #expect(trace.lines[1].mart?.orphanReason == "unknown_product")
        #expect(trace.lines[1].mart?.since == trace.stored?.created)
        #expect(trace.generation.number == 4 && trace.generation.revision == 1)
        #expect(trace.generation.built == status.martBuilt)

        // The second sale is not in this generation, so it is not compared.
        let holdings = try warehouse.balanceStore().martHoldings()
        #expect(holdings == MartHoldings(generation: 4, lines: 2, rows: 1, orphans: 1))
    }
}
