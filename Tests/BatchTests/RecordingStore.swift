import Retail
import Synchronization

@testable import Warehouse

/// A store of catalogues that remembers what it was asked.
final class RecordingStore: CatalogueStore {
    struct State {
        var kept: [CatalogueSnapshot] = []
        var merged: [(snapshot: Int64, catalogue: Catalogue)] = []
        var unmerged: [Catalogue: [Int64]] = [:]
        var held: [Catalogue: HeldSnapshot] = [:]
        var baselines: [Catalogue: CatalogueBaseline] = [:]
        var objections: [String?] = []
        var changes: Set<Int64> = []
        var accepted: [Int64] = []
        var failure: WarehouseError?
    }

    private let state = Mutex(State())

    init(unmerged: [Catalogue: [Int64]] = [:], baselines: [Catalogue: CatalogueBaseline] = [:]) {
        state.withLock {
            $0.unmerged = unmerged
            $0.baselines = baselines
        }
    }

    var kept: [CatalogueSnapshot] { state.withLock { $0.kept } }
    /// `products 7` and the like, in the order of the merges.
    var merged: [String] { state.withLock { $0.merged.map { "\($0.catalogue.rawValue) \($0.snapshot)" } } }

    /// What was objected to each snapshot that was kept.
    var objections: [String?] { state.withLock { $0.objections } }
    var accepted: [Int64] { state.withLock { $0.accepted } }

    /// - Parameter isChange: whether it holds something else than what was merged before.
    func hold(_ held: HeldSnapshot, of catalogue: Catalogue, isChange: Bool = true) {
        state.withLock {
            $0.held[catalogue] = held
            if isChange { $0.changes.insert(held.snapshot) }
        }
    }

    func fail(with error: WarehouseError) { state.withLock { $0.failure = error } }

    func baseline(of catalogue: Catalogue, since: Int64) throws -> CatalogueBaseline? {
        state.withLock { $0.baselines[catalogue] }
    }

    func keep(_ snapshot: CatalogueSnapshot, objection: String?) throws -> (snapshot: Int64, rowsKept: Int) {
        try state.withLock { state in
            if let failure = state.failure { throw failure }
            state.kept.append(snapshot)
            state.objections.append(objection)
            return (100 + Int64(state.kept.count), snapshot.rows.count)
        }
    }

    func unmergedSnapshots(of catalogue: Catalogue) throws -> [Int64] {
        try state.withLock { state in
            if let failure = state.failure { throw failure }
            return state.unmerged[catalogue] ?? []
        }
    }

    func heldSnapshot(of catalogue: Catalogue) throws -> HeldSnapshot? { state.withLock { $0.held[catalogue] } }

    func accept(_ snapshot: Int64) throws {
        state.withLock { state in
            state.accepted.append(snapshot)
            for (catalogue, held) in state.held where held.snapshot == snapshot && state.changes.contains(snapshot) {
                state.unmerged[catalogue, default: []].append(snapshot)
            }
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
