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
}
