/// What extraction may ask of a warehouse: what of the sales it holds already. Blocking: from a thread of its own.
package protocol KnownSales: Sendable {
    /// The content hashes of these sales as ods holds them, of those whose deciding record raw holds too and for which
    /// no correction is pending.
    func contentHashes(ofSales ids: [Int64]) throws -> [Int64: Int64]

    /// Which of these refused contents are among the rejects already, and not superseded.
    func knownRefusals(contentHashes: [Int64]) throws -> Set<Int64>

    /// The smallest, over the partitions of the topic's newest log, of the highest sale id ingested from each; nil
    /// when nothing was ingested yet.
    func lowestOfHighestIDs(topic: String) throws -> Int64?

    /// The ids of the sales that ods holds in a range, ascending.
    func saleIDs(in range: ClosedRange<Int64>) throws -> [Int64]

    /// The id of the N-th last sale up to one, counted from 1; nil when ods holds fewer.
    func saleID(numberFromLast: Int, upTo last: Int64) throws -> Int64?

    /// The smallest id among the last sales up to one that were made on a day (`YYYY-MM-DD`) or later; nil when the last
    /// ones are all older. It looks back until 1,000 sales in a row are older: ids and days rise together, nearly.
    func lowestSaleID(sinceDay day: String, upTo last: Int64) throws -> Int64?
}
