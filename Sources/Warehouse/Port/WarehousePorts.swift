/// An open warehouse of some engine: whatever may be asked of one, each by its port.
///
/// Cheap to copy; what is made here opens connections of its own, and blocks.
package protocol WarehousePorts: Sendable {
    /// The one writer of sales.
    ///
    /// - Parameter codeVersion: noted with each reject, to tell which program refused it.
    /// - Throws: `WarehouseError`; `.busy` when the engine has but one writer, and somebody else is it.
    func salesWriter(codeVersion: String) throws -> any SalesWriter
    /// The catalogues.
    ///
    /// - Parameter codeVersion: noted with each refused row.
    func catalogueStore(codeVersion: String) -> any CatalogueStore
    /// The mart, to be rebuilt.
    ///
    /// - Throws: `WarehouseError.notSupported`.
    func martStore() throws -> any MartStore
    /// What extraction asks.
    func knownSales() -> any KnownSales & PublishedPages
    /// The rejects, to be read.
    func rejectStore() -> any RejectStore
    /// What a replay asks.
    func replaySource() -> any ReplaySource
    /// The incarnations of topics.
    ///
    /// - Parameter ephemeralClusterPrefix: clusters whose id begins so forget everything when their process ends.
    func logLedger(ephemeralClusterPrefix: String) -> any LogLedger
    /// The book of runs.
    func runLedger() -> any RunLedger & RunHistory
    /// What looks for one sale in all layers.
    func saleTracer() -> any SaleTracer
    /// The balance.
    func balanceStore() -> any BalanceStore
    /// What metrics ask.
    func pipelineFactsReader() -> any PipelineFactsReader
    /// The warehouse in figures.
    func status() throws -> WarehouseStatus
    /// The served mart in figures, with its first rows.
    func summary(firstRows: Int) throws -> MartSummary
    /// Lets one batch at a time into the warehouse, for as long as what is returned is held.
    ///
    /// - Throws: `WarehouseError.busy`: somebody else has the lock; never waits for it.
    func lockBatches() throws -> any Sendable
    /// Makes the roles of the engine where they are missing and gives them anew what they may; their names. An engine
    /// without roles has none.
    func grantRoles() throws -> [String]
}
