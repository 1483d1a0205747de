internal import PostgreSQL

/// Reads the figures of `status`.
package struct PostgreSQLStatusReader {
    private let warehouse: PostgreSQLWarehouse

    package init(_ warehouse: PostgreSQLWarehouse) { self.warehouse = warehouse }

    /// Blocking: called from a thread of its own.
    package func read() throws -> WarehouseStatus {
        try warehouse.session { connection in try connection.snapshot { try read(connection) } }
    }

    private func read(_ connection: Connection) throws -> WarehouseStatus {
        let counts = try connection.query(
            """
            SELECT (SELECT count(*) FROM raw.sales), (SELECT count(*) FROM ods.sales),
                   (SELECT count(*) FROM ods.sales_items), (SELECT count(*) FROM ods.products),
                   (SELECT count(*) FROM ods.customers),
                   (SELECT \(PostgreSQLText.local("max(datetime)")) FROM ods.sales)
            """)[0]
        let mart = try connection.query(
            """
            SELECT number, rows, orphans, \(PostgreSQLText.utc("SYS_DATE_CREATE")),
                   (SELECT \(PostgreSQLText.local("max(sales_datetime)")) FROM dmt.sales_items)
            FROM dmt.generation
            """)[0]
        return WarehouseStatus(
            rawSales: counts.integer(at: 0), sales: counts.integer(at: 1), lines: counts.integer(at: 2),
            products: counts.integer(at: 3), customers: counts.integer(at: 4),
            heldCatalogues: try Catalogue.allCases.compactMap {
                try PostgreSQLStoredSnapshots(connection, $0).held()
            },
            rejects: try rejects(connection),
            martGeneration: mart.integer(at: 0), martRows: mart.integer(at: 1), orphans: mart.integer(at: 2),
            martBuilt: mart.optionalText(at: 3), latestSale: counts.optionalText(at: 5),
            latestSaleInMart: mart.optionalText(at: 4), partitions: try partitions(connection),
            lastRuns: try lastRuns(connection), balance: try balance(connection),
            fileBytes: try schemaBytes(connection))
    }

    private func rejects(_ connection: Connection) throws -> [String: Int64] {
        let rows = try connection.query("SELECT state, count(*) FROM ods.sales_rejects GROUP BY state")
        return Dictionary(rows.map { ($0.text(at: 0), $0.integer(at: 1)) }, uniquingKeysWith: { $1 })
    }

    private func partitions(_ connection: Connection) throws -> [WarehouseStatus.Partition] {
        try connection.query(
            """
            SELECT ods.topic, ods.log, ods.partition, raw.next_offset, ods.next_offset
            FROM ods.offsets AS ods
            LEFT JOIN raw.offsets AS raw ON raw.log = ods.log AND raw.partition = ods.partition
            WHERE ods.log = (SELECT max(log) FROM ods.offsets AS newest WHERE newest.topic = ods.topic)
            ORDER BY ods.topic COLLATE "C", ods.partition
            """
        ).map { row in
            WarehouseStatus.Partition(
                topic: row.text(at: 0), log: row.integer(at: 1), partition: Int32(row.integer(at: 2)),
                rawNextOffset: row.optionalInteger(at: 3), odsNextOffset: row.optionalInteger(at: 4))
        }
    }

    private func lastRuns(_ connection: Connection) throws -> [WarehouseStatus.Run] {
        try connection.query(
            """
            SELECT run, \(PostgreSQLText.utc("started")), \(PostgreSQLText.utc("ended")), outcome, error FROM ops.runs
            WHERE run_id IN (SELECT max(run_id) FROM ops.runs GROUP BY run) ORDER BY run_id DESC
            """
        ).map { row in
            WarehouseStatus.Run(
                run: row.text(at: 0), started: row.text(at: 1), ended: row.optionalText(at: 2),
                outcome: row.text(at: 3), error: row.optionalText(at: 4))
        }
    }

    private func balance(_ connection: Connection) throws -> WarehouseStatus.Balance {
        func hours(_ state: BalanceEntry.State) throws -> [WarehouseStatus.Balance.Hour] {
            try connection.query(
                "SELECT hour, published, records, reason FROM ops.balance WHERE state = $1 ORDER BY hour",
                [.text(state.rawValue)]
            ).map { row in
                WarehouseStatus.Balance.Hour(
                    hour: row.text(at: 0), published: row.integer(at: 1), records: row.optionalInteger(at: 2),
                    reason: row.optionalText(at: 3))
            }
        }
        return WarehouseStatus.Balance(
            lastBalanced: try connection.query(
                "SELECT max(hour) FROM ops.balance WHERE state IN ('balanced', 'accepted')")[0].optionalText(at: 0),
            open: try hours(.open), different: try hours(.different))
    }

    /// The tables of each schema with their indexes.
    private func schemaBytes(_ connection: Connection) throws -> [String: Int64] {
        let rows = try connection.query(
            """
            SELECT nspname::text, sum(pg_total_relation_size(relation.oid))::bigint
            FROM pg_class AS relation JOIN pg_namespace AS schema ON schema.oid = relnamespace
            WHERE nspname = ANY($1) AND relkind = 'r' GROUP BY nspname
            """, [.texts(PostgreSQLSchema.names)])
        return Dictionary(rows.map { ($0.text(at: 0), $0.integer(at: 1)) }, uniquingKeysWith: { $1 })
    }
}
