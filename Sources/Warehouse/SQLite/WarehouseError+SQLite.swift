internal import SQLite

extension WarehouseError {
    /// The same failure in the warehouse's words.
    init(_ error: SQLiteError, in directory: String) {
        let place = "warehouse \(directory)"
        let (code, remedy): (Code, String) =
            switch error.code {
            case .busy, .locked:
                (.busy, "another process is writing; try again when it has finished")
            case .full:
                (.full, "free some disk space and start again; nothing that was committed is lost")
            case .readOnly, .permission:
                (.readOnly, "give this user write permission to the directory and its files")
            case .cannotOpen:
                (.cannotOpen, "check that the directory exists and that this user may read and write it")
            case .notADatabase:
                (.notAWarehouse, "point warehouse.url at a directory of RetailFlow's own")
            case .corrupt:
                (.damaged, "restore the file from a backup, or move it away and read the topic again")
            case .interrupted:
                (.interrupted, "nothing of it was kept; write it again")
            case .inputOutput:
                (.inputOutput, "check the disk and its free space, then start again")
            default:
                (.bug, "report this as a bug")
            }
        self.init(code: code, what: error.message, place: "\(place) (\(error.operation.prefix(80)))", remedy: remedy)
    }
}

/// Runs `body` with SQLite's errors translated into the warehouse's.
func translating<Result>(_ directory: String, _ body: () throws -> Result) throws -> Result {
    do {
        return try body()
    } catch let error as SQLiteError {
        throw WarehouseError(error, in: directory)
    }
}
