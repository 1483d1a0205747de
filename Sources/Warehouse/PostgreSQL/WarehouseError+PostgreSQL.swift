internal import PostgreSQL

extension WarehouseError {
    /// The same failure in the warehouse's words.
    init(_ error: PostgreSQLError) {
        let (code, remedy): (Code, String) =
            switch error.code {
            case .connectionLost, .cannotConnect:
                (.unreachable, "check that the server runs and that this machine may reach it")
            case .authentication:
                (.notPermitted, "check user, password and certificate of the URL, and the server's pg_hba.conf")
            case .invalidURL:
                (.configuration, "write it as postgresql://USER@HOST:PORT/DATABASE?PARAMETER=VALUE")
            case .serialization, .deadlock, .lockNotAvailable, .insufficientResources:
                (.busy, "others use the server; try again")
            case .diskFull:
                (.full, "free some disk space of the server; nothing that was committed is lost")
            case .insufficientPrivilege:
                (
                    .notPermitted,
                    "have the owner of the database run: retailflow warehouse init; and: GRANT retailflow_writer TO this user"
                )
            case .readOnly:
                (.readOnly, "point warehouse.url at a server that takes writes")
            case .undefinedObject:
                (.cannotOpen, "check the database's name; if its tables are gone, restore them from a backup")
            case .damaged:
                (.damaged, "restore the database from a backup, or move it away and read the topic again")
            case .canceled:
                (.interrupted, "nothing of it was kept; write it again")
            case .inputOutput:
                (.inputOutput, "check the server's disk, then start again")
            default:
                (.bug, "report this as a bug")
            }
        let state = error.sqlState.map { ", SQLSTATE \($0)" } ?? ""
        let operation = error.operation.prefix(80).split(separator: "\n").joined(separator: " ")
        self.init(
            code: code, what: "\(error.message)\(state)", place: "warehouse \(error.place) (\(operation))",
            remedy: remedy)
    }
}

/// Runs `body` with PostgreSQL's errors translated into the warehouse's.
func translatingPostgreSQL<Result>(_ body: () throws -> Result) throws -> Result {
    do {
        return try body()
    } catch let error as PostgreSQLError {
        throw WarehouseError(error)
    }
}
