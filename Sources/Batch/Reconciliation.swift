package import Retail
internal import Telemetry
package import Warehouse

/// Brings ods to the newest believed state of both catalogues.
///
/// Snapshots that `extract` has left in raw and that were not merged yet are taken as they are, in order; where there
/// is none, the catalogue is refreshed first. One that is held back is passed over, until a later one is believed or
/// somebody accepts it.
package struct Reconciliation: Sendable {
    private let refresh: CatalogueRefresh
    private let store: any CatalogueStore
    private let timeZone: RetailTimeZone
    private let blocking = SerialWorker(label: "retailflow.reconcile", state: ())

    package init(refresh: CatalogueRefresh, store: any CatalogueStore, timeZone: RetailTimeZone) {
        self.refresh = refresh
        self.store = store
        self.timeZone = timeZone
    }

    /// What became of one snapshot.
    package struct Report: Sendable, Hashable, Codable {
        package var catalogue: String
        package var snapshot: Int64
        /// Whether the snapshot was fetched by this run.
        package var isFresh: Bool
        /// Why it would have been held back, had this run not been told to accept it.
        package var accepted: String?
        package var counts: MergeCounts
    }

    /// A refused catalogue does not keep the other from being merged.
    ///
    /// - Parameter accepting: what is held back is applied; where nothing is, whatever this run fetches.
    /// - Throws: `ReconciliationError` when a catalogue is refused; `RetailAPIError`; `WarehouseError`.
    package func run(accepting: Bool = false) async throws -> [Report] {
        let held = accepting ? try await heldSnapshots() : [:]
        var reports: [Report] = []
        var refusals: [BatchError] = []
        for catalogue in Catalogue.allCases {
            do {
                reports += try await reconcile(
                    catalogue, held: held[catalogue], acceptsFresh: accepting && held.isEmpty)
            } catch let error as BatchError {
                refusals.append(error)
            }
        }
        if refusals.isEmpty { return reports }
        throw ReconciliationError(reports: reports, refusals: refusals)
    }

    private func heldSnapshots() async throws -> [Catalogue: HeldSnapshot] {
        let store = store
        return try await blocking.perform { _ in
            var held: [Catalogue: HeldSnapshot] = [:]
            for catalogue in Catalogue.allCases { held[catalogue] = try store.heldSnapshot(of: catalogue) }
            return held
        }
    }

    private func reconcile(
        _ catalogue: Catalogue, held: HeldSnapshot?, acceptsFresh: Bool
    ) async throws -> [Report] {
        var accepted: [Int64: String] = [:]
        if let held {
            try await accept(held.snapshot, of: catalogue, objection: held.objection)
            accepted[held.snapshot] = held.objection
        }
        let store = store
        var snapshots = try await blocking.perform { _ in try store.unmergedSnapshots(of: catalogue) }
        // What was accepted may hold the same as what is merged: a listing in which rows came twice.
        if let held, !snapshots.contains(held.snapshot) { snapshots.append(held.snapshot) }
        let isFresh = snapshots.isEmpty
        if isFresh {
            let fresh = try await refresh.run(catalogue)
            if let objection = fresh.objection {
                guard acceptsFresh else {
                    throw BatchError(catalogue: catalogue, snapshot: fresh.snapshot, reason: objection)
                }
                try await accept(fresh.snapshot, of: catalogue, objection: objection)
                accepted[fresh.snapshot] = objection
            }
            snapshots = [fresh.snapshot]
        }
        var reports: [Report] = []
        for snapshot in snapshots {
            let (store, timeZone) = (store, timeZone)
            let counts = try await blocking.perform { _ in
                try store.merge(snapshot, of: catalogue, timeZone: timeZone)
            }
            reports.append(
                Report(
                    catalogue: catalogue.rawValue, snapshot: snapshot, isFresh: isFresh, accepted: accepted[snapshot],
                    counts: counts))
        }
        return reports
    }

    private func accept(_ snapshot: Int64, of catalogue: Catalogue, objection: String) async throws {
        let store = store
        try await blocking.perform { _ in try store.accept(snapshot) }
        refresh.logger.warning(
            "catalogue accepted",
            [
                ("catalogue", .text(catalogue.rawValue)), ("snapshot", LogValue(snapshot)),
                ("objection", .text(objection)),
            ])
    }
}
