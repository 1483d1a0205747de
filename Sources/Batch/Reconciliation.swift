package import Retail
package import Warehouse

/// Brings ods to the newest believed state of both catalogues.
///
/// A snapshot that `extract` has left in raw and that was not merged yet is taken as it is; where there is none, the
/// catalogue is refreshed first.
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

    /// What became of one catalogue.
    package struct Report: Sendable, Hashable, Codable {
        package var catalogue: String
        package var snapshot: Int64
        /// Whether the snapshot was fetched by this run.
        package var isFresh: Bool
        package var counts: MergeCounts
    }

    /// - Throws: as `CatalogueRefresh.run`, and `WarehouseError`.
    package func run() async throws -> [Report] {
        var reports: [Report] = []
        for catalogue in Catalogue.allCases {
            let (store, timeZone) = (store, timeZone)
            let unmerged = try await blocking.perform { _ in try store.unmergedSnapshot(of: catalogue) }
            let snapshot: Int64
            if let unmerged { snapshot = unmerged } else { snapshot = try await refresh.run(catalogue).snapshot }
            let counts = try await blocking.perform { _ in
                try store.merge(snapshot, of: catalogue, timeZone: timeZone)
            }
            reports.append(
                Report(
                    catalogue: catalogue.rawValue, snapshot: snapshot, isFresh: unmerged == nil, counts: counts))
        }
        return reports
    }
}
