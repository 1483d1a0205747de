/// The warehouse in figures.
package struct WarehouseStatus: Sendable, Codable {
    /// One partition of the sales topic as the warehouse has read it.
    package struct Partition: Sendable, Codable {
        package var topic: String
        package var log: Int64
        package var partition: Int32
        package var rawNextOffset: Int64?
        package var odsNextOffset: Int64?
    }

    /// One entry of the book of runs.
    package struct Run: Sendable, Codable {
        package var run: String
        package var started: String
        package var ended: String?
        package var outcome: String
        package var error: String?
    }

    /// The ledger of hours.
    package struct Balance: Sendable, Codable {
        /// An hour that is not settled.
        package struct Hour: Sendable, Codable {
            package var hour: String
            package var published: Int64
            package var records: Int64?
            package var reason: String?
        }

        /// The last hour whose two sides agree, or were accepted.
        package var lastBalanced: String?
        /// Hours that could not be compared yet.
        package var open: [Hour]
        /// Hours whose two sides differ.
        package var different: [Hour]
    }

    package var rawSales: Int64
    package var sales: Int64
    package var lines: Int64
    package var products: Int64
    package var customers: Int64
    /// Catalogues whose newest snapshot is not believed.
    package var heldCatalogues: [HeldSnapshot]
    /// Rejects by state.
    package var rejects: [String: Int64]
    package var martGeneration: Int64
    package var martRows: Int64
    package var orphans: Int64
    /// When the served generation was built; nil before the first one.
    package var martBuilt: String?
    /// The latest sale of ods, and of the mart, in local time.
    package var latestSale: String?
    package var latestSaleInMart: String?
    /// Of the newest log of each topic.
    package var partitions: [Partition]
    /// The last run of each kind, newest first.
    package var lastRuns: [Run]
    /// As the last batch found it.
    package var balance: Balance
    /// The bytes of each file, with what its write-ahead log holds.
    package var fileBytes: [String: Int64]
}
