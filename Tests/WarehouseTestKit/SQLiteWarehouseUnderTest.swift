package import RetailTestKit
package import SQLite
package import Warehouse

/// A SQLite warehouse in a directory of its own.
package struct SQLiteWarehouseUnderTest: WarehouseUnderTest {
    /// Holds the four files; removed with the last copy of this.
    package let directory: TemporaryDirectory
    package let clock: TestClock
    /// The warehouse itself.
    package let warehouse: SQLiteWarehouse

    /// Makes an empty warehouse, or opens the one that the directory holds.
    package init(in directory: TemporaryDirectory? = nil) throws {
        self.directory = try directory ?? TemporaryDirectory()
        clock = TestClock()
        warehouse = try SQLiteWarehouse(directory: self.directory.path, clock: clock.wallClock)
    }

    package func salesWriter(codeVersion: String) throws -> any SalesWriter {
        try SQLiteSalesWriter(warehouse, codeVersion: codeVersion)
    }

    package func catalogueStore(codeVersion: String) -> any CatalogueStore {
        SQLiteCatalogueStore(warehouse, codeVersion: codeVersion)
    }

    package func martStore() -> any MartStore { SQLiteMartStore(warehouse) }

    package func knownSales() -> any KnownSales { SQLiteKnownSales(warehouse) }

    package func rejectStore() -> any RejectStore { SQLiteRejectStore(warehouse) }
    package func replaySource() -> any ReplaySource { SQLiteReplaySource(warehouse) }
    package func publishedPages() -> any PublishedPages { SQLiteKnownSales(warehouse) }

    package func logLedger(ephemeralClusterPrefix: String) -> any LogLedger {
        SQLiteLogLedger(warehouse, ephemeralClusterPrefix: ephemeralClusterPrefix)
    }

    package func runLedger() -> any RunLedger { SQLiteRunLedger(warehouse) }
    package func runHistory() -> any RunHistory { SQLiteRunLedger(warehouse) }
    package func pipelineFacts() throws -> PipelineFacts { try SQLitePipelineFactsReader(warehouse).read() }
    package func lockBatches() throws -> any Sendable { try SQLiteBatchLock(warehouse) }

    package func saleTracer() -> any SaleTracer { SQLiteSaleTracer(warehouse) }

    package func balanceStore() -> any BalanceStore { SQLiteBalanceStore(warehouse) }

    package func status() throws -> WarehouseStatus { try SQLiteStatusReader(warehouse).read() }

    package func summary(firstRows: Int) throws -> MartSummary {
        try SQLiteMartReader(warehouse).summary(firstRows: firstRows)
    }

    /// A connection of the test's own to all four files.
    package func connect(_ access: Database.Access = .readWrite) throws -> Database {
        let database = try Database()
        for schema in ["raw", "ods", "dmt", "ops"] {
            try database.attach(directory.file("\(schema).db"), as: schema, access: access)
        }
        return database
    }

    package func rows(_ sql: String) throws -> [[String?]] {
        let statement = try connect(.readOnly).prepare(sql)
        var rows: [[String?]] = []
        while try statement.step() {
            rows.append((0..<statement.columnCount).map { statement.optionalText(at: $0) })
        }
        return rows
    }

    package func execute(_ sql: String) throws { try connect().execute(sql) }

    package func hexadecimal(_ column: String) -> String { "hex(\(column))" }

    package func dump(_ schemas: [String]) throws -> [String: [String]] {
        let database = try connect(.readOnly)
        return try database.snapshot {
            var dump: [String: [String]] = [:]
            for schema in schemas {
                for table in try names("SELECT name FROM \(schema).sqlite_schema WHERE type = 'table'", database) {
                    let columns = try names("SELECT name FROM pragma_table_info('\(table)', '\(schema)')", database)
                    let quoted = columns.map { "quote(\"\($0)\")" }.joined(separator: " || ',' || ")
                    // A scan of the table without an index goes in the order of its key.
                    dump["\(schema).\(table)"] = try names(
                        "SELECT \(quoted) FROM \(schema).\"\(table)\" NOT INDEXED", database)
                }
            }
            return dump
        }
    }

    private func names(_ sql: String, _ database: Database) throws -> [String] {
        let statement = try database.prepare(sql)
        var names: [String] = []
        while try statement.step() { names.append(statement.text(at: 0)) }
        return names
    }

    package func martItems() throws -> [MartItem] {
        let database = try connect(.readOnly)
        return try database.snapshot {
            let slot = try database.integer("SELECT slot FROM dmt.generation") ?? -1
            let rows = try database.prepare(
                """
                SELECT sale_id, product_sku, sales_datetime, item_amount, item_quantity, product_description,
                       discount_perc
                FROM dmt.mart_lines_\(slot) WHERE orphan_reason IS NULL ORDER BY sale_id, product_sku
                """)
            var items: [MartItem] = []
            while try rows.step() {
                items.append(
                    MartItem(
                        sale: rows.integer(at: 0), sku: rows.text(at: 1), datetime: rows.text(at: 2),
                        amount: rows.integer(at: 3), quantity: rows.integer(at: 4), description: rows.text(at: 5),
                        discount: rows.optionalInteger(at: 6)))
            }
            return items
        }
    }

    package func failingWrites<Result>(to table: String, _ body: () throws -> Result) throws -> Result {
        let (schema, name) = (table.prefix { $0 != "." }, table.drop { $0 != "." }.dropFirst())
        try execute(
            """
            CREATE TRIGGER \(schema).test_failure BEFORE INSERT ON \(name)
            BEGIN SELECT RAISE(ABORT, 'the test wants this to fail'); END
            """)
        defer { try? execute("DROP TRIGGER \(schema).test_failure") }
        return try body()
    }
}
