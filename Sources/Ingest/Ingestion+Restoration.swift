internal import Kafka
internal import Warehouse

extension Ingestion {
    /// How long a stream without a pause keeps the next part of raw from being searched.
    private static let restoreMilliseconds = 1_000

    /// Goes on with looking for the older content of withdrawn sales, while no record waits: a part of raw at a time, so
    /// that the group is not left waiting.
    func restoreSome(_ consumer: Consumer) throws {
        if restoration == nil {
            guard mayHaveWithdrawn else { return }
            mayHaveWithdrawn = false
            restoration = try SaleRestoration(writer, timeZone: timeZone)
        }
        guard let counts = try restoration?.step() else {
            restoration = nil
            return
        }
        report.counts += counts
    }

    /// The same while records wait, but seldom.
    func restoreBetweenBatches(_ consumer: Consumer) throws {
        guard now() - lastRestored >= Ingestion.restoreMilliseconds else { return }
        try restoreSome(consumer)
        lastRestored = now()
    }

    /// All that `restoreSome` has still to do, for sales that were withdrawn while it was at it as well.
    func restoreAll(_ consumer: Consumer) throws {
        while restoration != nil || mayHaveWithdrawn, !isStopped { try restoreSome(consumer) }
    }
}
