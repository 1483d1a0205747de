import Retail
import RetailAPI
import RetailAPISimulator
import Telemetry
import Warehouse

@testable import Batch

/// A simulated API with seven products and three customers in pages of three, and a store that remembers.
struct CatalogueShop {
    static let products = CataloguePages.products(1...7)
    static let customers = ["C1", "C2", "C3"].map { CataloguePages.customer($0) }

    let simulator: RetailAPISimulator
    let store: RecordingStore
    let refresh: CatalogueRefresh
    let reconciliation: Reconciliation

    init(
        faults: [Fault] = [], withTotal: Bool = true, unmerged: [Catalogue: [Int64]] = [:],
        baselines: [Catalogue: CatalogueBaseline] = [:],
        onWait: @escaping @Sendable () async throws -> Void = {}
    ) throws {
        let simulator = try RetailAPISimulator(
            SimulatorConfiguration(
                data: .rows(sales: [], products: Self.products, customers: Self.customers), pageRowsMax: 3,
                shape: withTotal ? .data(total: true) : .bareArray, faults: faults))
        self.simulator = simulator
        store = RecordingStore(unmerged: unmerged, baselines: baselines)
        guard let key = APIKey("key") else { throw CancellationError() }
        let api = RetailAPIClient(
            configuration: RetailAPIConfiguration(baseURL: simulator.baseURL, key: key),
            clock: APIClock(
                nowMicroseconds: { 1_764_000_000_000_000 },
                sleep: { _ in
                    try await onWait()
                    try Task.checkCancellation()
                }, random: { 0.5 }))
        refresh = CatalogueRefresh(api: api, store: store, timeZone: .utc, shrinkPercentMax: 20, logger: .silent)
        reconciliation = Reconciliation(refresh: refresh, store: store, timeZone: .utc)
    }

    /// How many pages of a catalogue were asked for.
    func requests(_ endpoint: SimulatedEndpoint) -> Int { simulator.counters.requestsByEndpoint[endpoint, default: 0] }
}
