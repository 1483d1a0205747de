import Retail
import Synchronization

@testable import Warehouse

/// A store of catalogues that remembers what it was asked.
final class RecordingStore: CatalogueStore {
    struct State {
        var kept: [CatalogueSnapshot] = []
        var merged: [(snapshot: Int64, catalogue: Catalogue)] = []
        var unmerged: [Catalogue: Int64] = [:]
        var failure: WarehouseError?
    }

    private let state = Mutex(State())

    init(unmerged: [Catalogue: Int64] = [:]) { state.withLock { $0.unmerged = unmerged } }

    var kept: [CatalogueSnapshot] { state.withLock { $0.kept } }
    /// `products 7` and the like, in the order of the merges.
    var merged: [String] { state.withLock { $0.merged.map { "\($0.catalogue.rawValue) \($0.snapshot)" } } }

    func fail(with error: WarehouseError) { state.withLock { $0.failure = error } }

    func keep(_ snapshot: CatalogueSnapshot) throws -> (snapshot: Int64, rowsKept: Int) {
        try state.withLock { state in
            if let failure = state.failure { throw failure }
            state.kept.append(snapshot)
            return (100 + Int64(state.kept.count), snapshot.rows.count)
        }
    }

    func unmergedSnapshot(of catalogue: Catalogue) throws -> Int64? {
        try state.withLock { state in
            if let failure = state.failure { throw failure }
            return state.unmerged[catalogue]
        }
    }

    func merge(_ snapshot: Int64, of catalogue: Catalogue, timeZone: RetailTimeZone) throws -> MergeCounts {
        state.withLock { state in
            state.merged.append((snapshot, catalogue))
            var counts = MergeCounts()
            counts.inserted = Int(snapshot)
            return counts
        }
    }
}
