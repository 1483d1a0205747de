package import Retail
package import RetailAPI
package import Telemetry
package import Warehouse

/// A full refresh of a catalogue from the API into the warehouse's raw layer: all of it, proven complete, or nothing.
package struct CatalogueRefresh: Sendable {
    private let api: RetailAPIClient
    private let store: any CatalogueStore
    private let timeZone: RetailTimeZone
    private let logger: Logger
    private let blocking = SerialWorker(label: "retailflow.catalogue", state: ())

    package init(api: RetailAPIClient, store: any CatalogueStore, timeZone: RetailTimeZone, logger: Logger) {
        self.api = api
        self.store = store
        self.timeZone = timeZone
        self.logger = logger
    }

    /// What a refresh brought.
    package struct Report: Sendable, Hashable, Codable {
        package var catalogue: String
        package var snapshot: Int64
        package var rows: Int
        package var pages: Int
        package var sweeps: Int
        /// Rows that differ from the last ones kept.
        package var rowsKept: Int
        package var proof: String
    }

    /// Reads the whole catalogue until it is proven complete, then keeps it.
    ///
    /// - Throws: `RetailAPIError`; `BatchError.catalogueUnproven`; `WarehouseError`.
    package func run(_ catalogue: Catalogue) async throws -> Report {
        let snapshot = try await provenSnapshot(of: catalogue)
        let store = store
        let (number, rowsKept) = try await blocking.perform { _ in try store.keep(snapshot) }
        return Report(
            catalogue: catalogue.rawValue, snapshot: number, rows: snapshot.rows.count, pages: snapshot.pages,
            sweeps: snapshot.sweeps, rowsKept: rowsKept, proof: snapshot.proof)
    }

    private func provenSnapshot(of catalogue: Catalogue) async throws -> CatalogueSnapshot {
        var sweeps: [CatalogueSweep] = []
        while true {
            sweeps.append(try await sweep(catalogue))
            switch CatalogueProof().verdict(on: sweeps) {
            case .sweepAgain(let reason):
                logger.info(
                    "catalogue.sweep_again", [("catalogue", .text(catalogue.rawValue)), ("reason", .text(reason))])
            case .refused(let reason):
                throw BatchError(code: .catalogueUnproven, catalogue: catalogue, reason: reason)
            case .proven(let proof):
                let last = sweeps[sweeps.count - 1]
                return CatalogueSnapshot(
                    catalogue: catalogue, rows: last.rows, pages: last.pages,
                    declaredTotal: last.declaredTotals.first, sweeps: sweeps.count, proof: proof,
                    answeredAt: last.answeredAt)
            }
        }
    }

    private func sweep(_ catalogue: Catalogue) async throws -> CatalogueSweep {
        var sweep = CatalogueSweep(catalogue, timeZone: timeZone)
        var step = CatalogueSweep.Step.ask(page: 1)
        while case .ask(let page) = step {
            switch catalogue {
            case .products: step = sweep.take(try await api.products(page: page))
            case .customers: step = sweep.take(try await api.customers(page: page))
            }
        }
        return sweep
    }
}
