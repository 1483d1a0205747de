internal import Warehouse

extension Ingestion {
    /// Goes on with looking for the older content of withdrawn sales, while no record waits: a part of raw at a time, so
    /// that the group is not left waiting.
    func restoreSome() throws {
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

    /// All that `restoreSome` has still to do.
    func restoreAll() throws {
        repeat { try restoreSome() } while restoration != nil && !isStopped
    }
}
