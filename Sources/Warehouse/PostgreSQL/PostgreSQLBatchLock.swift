internal import PostgreSQL

/// Lets one batch at a time into a warehouse, of whatever process on whatever machine, for as long as it is held.
///
/// The server holds it for a connection of its own. A holder that dies takes the connection along; one whose machine goes
/// silent is given up after a minute and a half.
package final class PostgreSQLBatchLock: Sendable {
    static let number: Int64 = 0x5246_4C57_0005
    /// How long letting go waits for the server; it lets go with the connection all the same.
    private static let releaseMilliseconds = 3_000

    private let holder: SerialWorker<Connection>

    /// Takes the lock or says that somebody else has it; never waits for it.
    ///
    /// - Throws: `WarehouseError.busy`; `.cannotOpen` when there is no warehouse.
    package init(_ warehouse: PostgreSQLWarehouse) throws {
        holder = try translatingPostgreSQL {
            let connection = try warehouse.connect(interrupter: Interrupter())
            try warehouse.requireSchema(connection)
            // The server asks whether the holder's machine is still there. Over a socket file these do nothing.
            try connection.execute(
                """
                SET tcp_keepalives_idle = 60; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3;
                SET idle_session_timeout = 0
                """)
            guard
                try connection.query("SELECT pg_try_advisory_lock($1)", [.integer(PostgreSQLBatchLock.number)])[0]
                    .boolean(at: 0)
            else {
                throw WarehouseError(
                    code: .busy, what: "another process runs a batch on this warehouse", place: warehouse.place,
                    remedy: "wait until it has finished, or stop it first")
            }
            return SerialWorker(label: "retailflow.batch.lock", state: connection)
        }
    }

    /// Told to the server: closing alone it would notice a little later, and a batch that follows would be refused.
    deinit {
        _ = holder.submit { connection in
            _ = try connection.query("SELECT pg_advisory_unlock($1)", [.integer(PostgreSQLBatchLock.number)])
        }.wait(milliseconds: PostgreSQLBatchLock.releaseMilliseconds)
    }
}
