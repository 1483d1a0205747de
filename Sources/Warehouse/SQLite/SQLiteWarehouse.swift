internal import Foundation
package import Retail
internal import SQLite

/// A warehouse in four SQLite files of one directory: `raw.db`, `ods.db`, `dmt.db`, `ops.db`.
///
/// Each user of it opens a connection of its own with just the files it needs; files are attached under their schema
/// names. WAL with `synchronous = NORMAL`: a power cut may take a file's last commits, never its integrity, and what
/// it took is read again from the log.
package struct SQLiteWarehouse: Sendable {
    /// The directory that holds the files.
    package let directory: String
    let clock: WallClock

    /// Opens the warehouse, making the directory and its files where they are missing and migrating older ones.
    ///
    /// - Throws: `WarehouseError`: `.newerSchema`, `.notAWarehouse`, `.cannotOpen`, `.readOnly`, `.full`, `.busy`.
    package init(directory: String, clock: @escaping WallClock) throws {
        self.directory = directory
        self.clock = clock
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        } catch {
            throw WarehouseError(
                code: .cannotOpen, what: "the directory can't be made: \(error.localizedDescription)",
                place: "warehouse \(directory)", remedy: "choose a directory that this user may write")
        }
        try translating(directory) {
            // All that are there are looked at before any is made or changed.
            for schema in SQLiteSchema.all {
                guard FileManager.default.fileExists(atPath: "\(directory)/\(schema.name).db") else { continue }
                let database = try Database()
                try attach(schema.name, to: database, access: .readWrite)
                _ = try database.snapshot { try schema.needsMigration(database, directory: directory) }
            }
            for schema in SQLiteSchema.all {
                let database = try Database()
                try attach(schema.name, to: database, access: .create)
                try schema.migrate(database, directory: directory)
            }
        }
    }

    /// Whether the directory holds a warehouse already; it is not made by asking.
    package static func exists(in directory: String) -> Bool {
        SQLiteSchema.all.allSatisfy { FileManager.default.fileExists(atPath: "\(directory)/\($0.name).db") }
    }

    /// Whether the directory holds the raw layer, from which the ods layer can be made again.
    package static func existsRaw(in directory: String) -> Bool {
        FileManager.default.fileExists(atPath: "\(directory)/\(SQLiteSchema.raw.name).db")
    }

    /// A connection to some of the files.
    ///
    /// - Parameters:
    ///   - writing: schema names to open for writing, with how much of each file to keep in memory (KiB).
    ///   - reading: schema names to open read-only.
    ///   - durable: every commit is on the disk when it returns (`synchronous = FULL`).
    ///   - interrupter: ends what the connection does, from another thread.
    func connect(
        writing: [String] = [], reading: [String] = [], cacheKiB: Int = 16_384, durable: Bool = false,
        interrupter: Interrupter = Interrupter()
    ) throws -> Database {
        let database = try Database(interrupter: interrupter)
        for schema in writing {
            try attach(schema, to: database, access: .readWrite)
            try database.execute("PRAGMA \(schema).synchronous = \(durable ? "FULL" : "NORMAL")")
            try database.execute("PRAGMA \(schema).cache_size = -\(cacheKiB)")
        }
        for schema in reading {
            try attach(schema, to: database, access: .readOnly)
            try database.execute("PRAGMA \(schema).cache_size = -\(cacheKiB)")
        }
        return database
    }

    /// - Throws: `WarehouseError` when a file that was there has no tables of this program's version any more.
    func requireSchema(_ name: String, on database: Database) throws {
        guard let schema = SQLiteSchema.all.first(where: { $0.name == name }),
            try database.snapshot({ try schema.needsMigration(database, directory: directory) })
        else { return }
        throw WarehouseError(
            code: .cannotOpen, what: "the file is empty, or older than this program's warehouse",
            place: "\(directory)/\(name).db", remedy: "put the right file back")
    }

    private func attach(_ schema: String, to database: Database, access: Database.Access) throws(SQLiteError) {
        try database.attach("\(directory)/\(schema).db", as: schema, access: access)
        // Analysts may read the directory of dmt.db and not write it.
        if schema == SQLiteSchema.dmt.name, access != .readOnly { try database.keepWriteAheadLog(of: schema) }
    }
}
