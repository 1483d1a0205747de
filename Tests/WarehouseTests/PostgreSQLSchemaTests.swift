import PostgreSQL
import PostgreSQLTestKit
import RetailTestKit
import Testing
import Warehouse
import WarehouseTestKit

@Suite("The schemas of PostgreSQL")
struct PostgreSQLSchemaTests {
    private static let schemas = "('raw', 'ods', 'dmt', 'ops')"

    @Test("have a comment on everything: schemas, tables, views, and each of their columns")
    func comments() throws {
        let warehouse = try PostgreSQLWarehouseUnderTest()
        #expect(
            try warehouse.number(
                """
                SELECT count(*) FROM pg_class AS relation JOIN pg_namespace AS schema ON schema.oid = relnamespace
                WHERE nspname IN \(Self.schemas) AND relkind IN ('r', 'v')
                """) > 25)
        let bare = try warehouse.column(
            """
            SELECT format('%s.%s.%s', nspname, relname, attname)
            FROM pg_class AS relation JOIN pg_namespace AS schema ON schema.oid = relnamespace
            JOIN pg_attribute ON attrelid = relation.oid AND attnum > 0 AND NOT attisdropped
            WHERE nspname IN \(Self.schemas) AND relkind IN ('r', 'v')
                AND (col_description(relation.oid, attnum) IS NULL OR obj_description(relation.oid) IS NULL
                     OR obj_description(schema.oid) IS NULL)
            """)
        #expect(bare == [])
    }

    // The same names are what lets one SQL text read on both engines.
    @Test("have the tables, views and columns of SQLite's, and one more: the book of versions")
    func sameNames() throws {
        let (sqlite, postgresql) = (try SQLiteWarehouseUnderTest(), try PostgreSQLWarehouseUnderTest())
        for schema in ["raw", "ods", "dmt", "ops"] {
            let expected = try sqlite.column(
                """
                SELECT lower(relation.name || '.' || column.name)
                FROM \(schema).sqlite_schema AS relation, pragma_table_info(relation.name, '\(schema)') AS column
                WHERE relation.type IN ('table', 'view') AND relation.name NOT LIKE 'sqlite%' ORDER BY 1
                """)
            let found = try postgresql.column(
                """
                SELECT (table_name || '.' || column_name) COLLATE "C" FROM information_schema.columns
                WHERE table_schema = '\(schema)' AND table_name <> 'schema_version' ORDER BY 1
                """)
            #expect(found == expected.sorted(), "\(schema)")
        }
    }

    @Test("let analysts read dmt and nothing else, and write nothing")
    func analyst() throws {
        let warehouse = try PostgreSQLWarehouseUnderTest()
        let analyst = try warehouse.login(as: "retailflow_analyst")
        for view in ["dmt.sales_items", "dmt.sales_final", "dmt.orphans"] { try analyst.query("SELECT * FROM \(view)") }
        for forbidden in [
            "SELECT * FROM raw.sales", "SELECT * FROM ods.sales", "SELECT * FROM ods.customers",
            "SELECT * FROM ops.runs", "DELETE FROM dmt.generation", "UPDATE dmt.generation SET slot = 1",
            "CREATE TABLE dmt.mine (a integer)", "CREATE TABLE public.mine (a integer)",
        ] {
            let error = try #require(throws: PostgreSQLError.self, "\(forbidden)") { try analyst.query(forbidden) }
            #expect(error.code == .insufficientPrivilege, "\(forbidden)")
        }
    }

    @Test("let a member of the writer's role ingest, and not change the tables")
    func writer() throws {
        let warehouse = try PostgreSQLWarehouseUnderTest()
        let connection = try warehouse.login(as: "retailflow_writer")
        let opened = try PostgreSQLWarehouse(
            url: warehouse.server.url(database: warehouse.database, user: warehouse.database),
            clock: warehouse.clock.wallClock)
        let writer = try PostgreSQLSalesWriter(opened, codeVersion: "1")
        try writer.ingest([
            RecordDraft(SaleDraft(id: 1), version: 1, offset: 0), RecordDraft("{", version: 1, offset: 1),
        ])
        // Records that come again go the other way.
        try writer.ingest([RecordDraft(SaleDraft(id: 1), version: 1, offset: 0)], nextOffsets: [:])
        _ = try PostgreSQLLogLedger(opened, ephemeralClusterPrefix: "mock").log(
            ofTopic: "a", cluster: "b", startNew: false)
        _ = try PostgreSQLRunLedger(opened).begin(run: "ingest")
        for forbidden in ["DROP TABLE ods.sales", "UPDATE ops.schema_version SET version = 7"] {
            let error = try #require(throws: PostgreSQLError.self) { try connection.query(forbidden) }
            #expect(error.code == .insufficientPrivilege)
        }
    }

    @Test("of a newer program, of another program, and of another encoding are left alone")
    func foreign() throws {
        let warehouse = try PostgreSQLWarehouseUnderTest()
        try warehouse.execute("INSERT INTO ops.schema_version (version) VALUES (1000)")
        let before = try warehouse.dump(["ops"])
        #expect(try code(warehouse.server.url(database: warehouse.database)) == .newerSchema)
        #expect(try warehouse.dump(["ops"]) == before)

        let scratch = try warehouse.server.makeDatabase()
        let other = scratch.name
        let connection = try Connection(ConnectionParameters(url: warehouse.server.url(database: other)))
        try connection.execute("CREATE SCHEMA ods; CREATE TABLE ods.mine (a integer)")
        #expect(try code(warehouse.server.url(database: other)) == .notAWarehouse)
        #expect(try connection.texts("SELECT count(*) FROM pg_namespace WHERE nspname = 'raw'") == [["0"]])

        let latin = "\(other)_latin"
        try connection.execute("CREATE DATABASE \(latin) ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
        #expect(try code(warehouse.server.url(database: latin)) == .notAWarehouse)
        #expect(try code(warehouse.server.url(database: "nowhere")) == .cannotOpen)
        try connection.execute("DROP DATABASE \(latin)")
    }

    private func code(_ url: String) throws -> WarehouseError.Code {
        try #require(throws: WarehouseError.self) {
            _ = try PostgreSQLWarehouse(url: url, clock: { 0 })
        }.code
    }

    @Test("are made once, however many processes begin at the same time")
    func together() async throws {
        let server = try PostgreSQLWarehouseUnderTest().server
        let scratch = try server.makeDatabase()
        let url = server.url(database: scratch.name)
        try await withThrowingTaskGroup { group in
            for _ in 0..<4 {
                group.addTask { _ = try PostgreSQLWarehouse(url: url, clock: { 0 }) }
            }
            try await group.waitForAll()
        }
        let connection = try Connection(ConnectionParameters(url: url))
        #expect(try connection.texts("SELECT count(*), max(version) FROM ops.schema_version") == [["1", "1"]])
        withExtendedLifetime(scratch) {}
    }
}

extension PostgreSQLWarehouseUnderTest {
    /// A connection of a user of its own, named like the database, who is a member of a role.
    fileprivate func login(as role: String) throws -> Connection {
        try execute("CREATE ROLE \(database) LOGIN; GRANT \(role) TO \(database)")
        return try connect(user: database)
    }
}
