internal import SQLite

extension SQLiteKnownSales: PublishedPages {
    package func version(ofPage name: String) throws -> Int64? {
        try translating(warehouse.directory) {
            let database = try warehouse.connect(reading: ["raw"], cacheKiB: 4_096)
            let look = try database.prepare("SELECT min(version) FROM raw.sales WHERE SYS_FILE_NAME = ?1")
            try look.bind(name, at: 1)
            return try look.step() ? look.optionalInteger(at: 0) : nil
        }
    }
}
