internal import PostgreSQL
package import Retail

/// A warehouse in the schemas `raw`, `ods`, `dmt` and `ops` of a PostgreSQL database, 15 or newer.
///
/// Several processes may ingest into it and read it at once. raw and ods are written in one transaction. Its roles are
/// `retailflow_writer`, for whom the pipeline connects as, and `retailflow_analyst`, who may read `dmt` and nothing else.
package struct PostgreSQLWarehouse: Sendable {
    /// `postgresql://HOST:PORT/DATABASE`.
    package let place: String
    let parameters: ConnectionParameters
    let clock: WallClock
    private let pool: ConnectionPool

    /// Opens the warehouse, making its schemas, tables and roles where they are missing and migrating older ones; for
    /// that the URL's user must be the owner. Where all is there, any member of `retailflow_writer` may open it.
    ///
    /// - Parameter url: as libpq takes it; not shown in any error.
    /// - Throws: `WarehouseError`: `.newerSchema`, `.notAWarehouse`, `.cannotOpen`, `.readOnly`, `.busy`.
    package init(url: String, clock: @escaping WallClock) throws {
        let parameters = try translatingPostgreSQL { try ConnectionParameters(url: url) }
        self.parameters = parameters
        self.clock = clock
        place = parameters.description
        pool = ConnectionPool { try PostgreSQLWarehouse.connect(parameters) }
        try session { connection in
            guard connection.serverVersion >= 150_000 else {
                throw WarehouseError(
                    code: .notAWarehouse, what: "the server is PostgreSQL \(connection.serverVersion / 10_000)",
                    place: parameters.description, remedy: "use PostgreSQL 15 or newer")
            }
            try PostgreSQLSchema.migrate(connection, place: parameters.description)
        }
    }

    /// Whether the database holds a warehouse already; it is not made by asking.
    ///
    /// - Throws: `WarehouseError`, as when it is opened.
    package static func exists(at url: String) throws -> Bool {
        try translatingPostgreSQL {
            try PostgreSQLSchema.isPresent(Connection(ConnectionParameters(url: url)))
        }
    }

    /// Lends a connection, with PostgreSQL's errors translated.
    func session<Result>(_ body: (Connection) throws -> Result) throws -> Result {
        try translatingPostgreSQL { try pool.with(body) }
    }

    /// A connection of one's own.
    func connect(interrupter: Interrupter) throws -> Connection {
        try PostgreSQLWarehouse.connect(parameters, interrupter: interrupter)
    }

    private static func connect(
        _ parameters: ConnectionParameters, interrupter: Interrupter = Interrupter()
    ) throws -> Connection {
        let connection = try Connection(parameters, interrupter: interrupter)
        try prepare(connection)
        return connection
    }

    /// What every session begins with.
    ///
    /// Plans are made for the values at hand: one that was made while a table was empty would be kept when it has
    /// millions of rows. And commits wait for the disk, also where the server's own setting is that they don't.
    static func prepare(_ connection: Connection) throws {
        try connection.execute(
            """
            SET TIME ZONE 'UTC'; SET plan_cache_mode = force_custom_plan;
            SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'
            """)
    }

    /// - Throws: `WarehouseError` when the database has no tables of this program's version any more.
    func requireSchema(_ connection: Connection) throws {
        guard try PostgreSQLSchema.needsMigration(connection, place: place) else { return }
        throw WarehouseError(
            code: .cannotOpen, what: "the database is empty, or older than this program's warehouse", place: place,
            remedy: "put the right database back")
    }
}

/// SQL that shows a column as the ports tell it.
enum PostgreSQLText {
    /// A moment as `YYYY-MM-DDTHH:MM:SS.mmmZ`.
    static func utc(_ column: String) -> String {
        "to_char(\(column) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"
    }

    /// A moment in microseconds of UTC.
    static func microseconds(_ column: String) -> String { "(extract(epoch FROM \(column)) * 1000000)::bigint" }

    /// A local time as `YYYY-MM-DD HH:MM:SS`.
    static func local(_ column: String) -> String { "to_char(\(column), 'YYYY-MM-DD HH24:MI:SS')" }
}
