package import Retail
package import RetailAPI
package import Telemetry
package import Warehouse

/// A full refresh of a catalogue from the API into the warehouse's raw layer, with what is said against believing it.
package struct CatalogueRefresh: Sendable {
    private let api: RetailAPIClient
    private let store: any CatalogueStore
    private let timeZone: RetailTimeZone
    private let shrinkPercentMax: Double
    let logger: Logger
    private let blocking = SerialWorker(label: "retailflow.catalogue", state: ())

    /// - Parameter shrinkPercentMax: by how much a catalogue may shrink and still be believed, in percent.
    package init(
        api: RetailAPIClient, store: any CatalogueStore, timeZone: RetailTimeZone, shrinkPercentMax: Double,
        logger: Logger
    ) {
        self.api = api
        self.store = store
        self.timeZone = timeZone
        self.shrinkPercentMax = shrinkPercentMax
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
        /// Why it is kept and not believed: it is not proven complete, or absurd; nil when it is believed.
        package var objection: String?
    }

    /// Reads the whole catalogue until it is proven complete, or given up, and keeps it.
    ///
    /// - Throws: `RetailAPIError`; `WarehouseError`.
    package func run(_ catalogue: Catalogue) async throws -> Report {
        let (snapshot, doubt) = try await read(catalogue)
        let (store, timeZone, shrinkPercentMax) = (store, timeZone, shrinkPercentMax)
        let (number, rowsKept, objection) = try await blocking.perform { _ in
            let baseline = try store.baseline(
                of: catalogue, since: snapshot.answeredAt - CatalogueGuard.windowMicroseconds)
            let objection =
                doubt
                ?? CatalogueGuard(shrinkPercentMax: shrinkPercentMax, timeZone: timeZone)
                .objection(to: snapshot, after: baseline)
            let (number, rowsKept) = try store.keep(snapshot, objection: objection)
            return (number, rowsKept, objection)
        }
        if let objection {
            logger.error(
                "catalogue held back",
                [
                    ("catalogue", .text(catalogue.rawValue)), ("snapshot", LogValue(number)),
                    ("reason", .text(objection)),
                ])
        }
        return Report(
            catalogue: catalogue.rawValue, snapshot: number, rows: snapshot.rows.count, pages: snapshot.pages,
            sweeps: snapshot.sweeps, rowsKept: rowsKept, proof: snapshot.proof,
            objection: objection)
    }

    /// The last sweep, and why it proves nothing; nil when it does.
    private func read(_ catalogue: Catalogue) async throws -> (CatalogueSnapshot, doubt: String?) {
        var sweeps: [CatalogueSweep] = []
        while true {
            sweeps.append(try await sweep(catalogue))
            switch CatalogueProof().verdict(on: sweeps) {
            case .sweepAgain(let reason):
                logger.info(
                    "catalogue.sweep_again", [("catalogue", .text(catalogue.rawValue)), ("reason", .text(reason))])
            case .refused(let reason):
                return (snapshot(of: catalogue, sweeps, proof: "none"), "it is not proven complete: \(reason)")
            case .proven(let proof):
                return (snapshot(of: catalogue, sweeps, proof: proof), nil)
            }
        }
    }

    private func snapshot(of catalogue: Catalogue, _ sweeps: [CatalogueSweep], proof: String) -> CatalogueSnapshot {
        let last = sweeps[sweeps.count - 1]
        return CatalogueSnapshot(
            catalogue: catalogue, rows: last.rows, pages: last.pages, declaredTotal: last.declaredTotals.first,
            sweeps: sweeps.count, proof: proof, answeredAt: last.answeredAt)
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
