package import PostgreSQL
package import PostgreSQLTestKit
package import Warehouse

/// A warehouse in a database of its own, on the PostgreSQL server that all tests of the process share.
package struct PostgreSQLWarehouseUnderTest: WarehouseUnderTest {
    /// A port that this engine does not have yet.
    package struct Missing: Error {}

    /// The server.
    package let server: PostgreSQLServer
    private let scratch: ScratchDatabase
    /// The database's name.
    package var database: String { scratch.name }
    package let clock: TestClock
    /// The warehouse itself.
    package let warehouse: PostgreSQLWarehouse

    /// The database that all others are copies of: quicker than making the tables each time.
    private static let template = Result {
        let server = try SharedServer.server
        let scratch = try server.makeDatabase()
        _ = try PostgreSQLWarehouse(url: server.url(database: scratch.name), clock: { 0 })
        return scratch
    }

    /// Makes an empty warehouse.
    package init() throws {
        server = try SharedServer.server
        scratch = try server.makeDatabase(template: Self.template.get().name)
        clock = TestClock()
        warehouse = try PostgreSQLWarehouse(url: server.url(database: scratch.name), clock: clock.wallClock)
    }

    package func salesWriter(codeVersion: String) throws -> any SalesWriter {
        try PostgreSQLSalesWriter(warehouse, codeVersion: codeVersion)
    }

    package func catalogueStore(codeVersion: String) -> any CatalogueStore {
        PostgreSQLCatalogueStore(warehouse, codeVersion: codeVersion)
    }

    package func martStore() throws -> any MartStore { throw Missing() }
    package func knownSales() -> any KnownSales { PostgreSQLKnownSales(warehouse) }
    package func rejectStore() -> any RejectStore { PostgreSQLRejectStore(warehouse) }
    package func replaySource() -> any ReplaySource { PostgreSQLReplaySource(warehouse) }
    package func publishedPages() -> any PublishedPages { PostgreSQLKnownSales(warehouse) }

    package func logLedger(ephemeralClusterPrefix: String) -> any LogLedger {
        PostgreSQLLogLedger(warehouse, ephemeralClusterPrefix: ephemeralClusterPrefix)
    }

    package func runLedger() -> any RunLedger { PostgreSQLRunLedger(warehouse) }
    package func runHistory() -> any RunHistory { PostgreSQLRunLedger(warehouse) }
    package func pipelineFacts() throws -> PipelineFacts { try PostgreSQLPipelineFactsReader(warehouse).read() }
    package func lockBatches() throws -> any Sendable { try PostgreSQLBatchLock(warehouse) }
    package func saleTracer() -> any SaleTracer { PostgreSQLSaleTracer(warehouse) }
    package func balanceStore() -> any BalanceStore { PostgreSQLBalanceStore(warehouse) }
    package func status() throws -> WarehouseStatus { try PostgreSQLStatusReader(warehouse).read() }

    package func summary(firstRows: Int) throws -> MartSummary {
        try PostgreSQLMartReader(warehouse).summary(firstRows: firstRows)
    }

    /// A connection of the test's own.
    package func connect(user: String = "postgres") throws -> Connection {
        try Connection(ConnectionParameters(url: server.url(database: database, user: user)))
    }

    package func rows(_ sql: String) throws -> [[String?]] { try connect().texts(sql) }

    package func execute(_ sql: String) throws { try connect().execute(sql) }

    package func hexadecimal(_ column: String) -> String { "upper(encode(\(column), 'hex'))" }

    package func dump(_ schemas: [String]) throws -> [String: [String]] {
        let connection = try connect()
        return try connection.snapshot {
            var dump: [String: [String]] = [:]
            for schema in schemas {
                for table in try connection.texts("SELECT tablename FROM pg_tables WHERE schemaname = '\(schema)'") {
                    let name = "\(schema).\(table[0] ?? "")"
                    dump[name] = try connection.texts("SELECT row::text FROM \(name) AS row ORDER BY row")
                        .map { $0[0] ?? "" }
                }
            }
            return dump
        }
    }

    package func martItems() throws -> [MartItem] {
        let connection = try connect()
        let slot = try connection.query("SELECT slot FROM dmt.generation")[0].integer(at: 0)
        return try connection.query(
            """
            SELECT sale_id, product_sku, sales_datetime::text, item_amount, item_quantity, product_description,
                   discount_perc
            FROM dmt.mart_lines_\(slot) WHERE orphan_reason IS NULL ORDER BY sale_id, product_sku
            """
        ).map { row in
            MartItem(
                sale: row.integer(at: 0), sku: row.text(at: 1), datetime: row.text(at: 2), amount: row.integer(at: 3),
                quantity: row.integer(at: 4), description: row.text(at: 5), discount: row.optionalInteger(at: 6))
        }
    }

    package func failingWrites<Result>(to table: String, _ body: () throws -> Result) throws -> Result {
        try execute(
            """
            CREATE FUNCTION public.test_failure() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'the test wants this to fail'; END $$;
            CREATE TRIGGER test_failure BEFORE INSERT ON \(table) FOR EACH ROW EXECUTE FUNCTION public.test_failure();
            """)
        defer { try? execute("DROP TRIGGER test_failure ON \(table); DROP FUNCTION public.test_failure()") }
        return try body()
    }
}
