package import Warehouse

/// An empty warehouse of some engine, opened through its ports, and a look behind them.
///
/// The tables have the same names in every engine (`ods.sales`), so tests ask them in SQL that all engines understand;
/// what engines write differently is a requirement here.
package protocol WarehouseUnderTest: Sendable {
    /// The clock that the warehouse was given.
    var clock: TestClock { get }

    /// Opens the writer; one at a time.
    func salesWriter(codeVersion: String) throws -> any SalesWriter
    /// Opens the catalogues.
    func catalogueStore(codeVersion: String) throws -> any CatalogueStore
    /// Opens the mart for rebuilds.
    func martStore() throws -> any MartStore
    /// Opens what extraction asks.
    func knownSales() throws -> any KnownSales
    /// Opens the rejects, to be read.
    func rejectStore() throws -> any RejectStore
    /// Opens what a replay asks.
    func replaySource() throws -> any ReplaySource
    /// Opens what is known of pages.
    func publishedPages() throws -> any PublishedPages
    /// Opens the book of logs.
    func logLedger(ephemeralClusterPrefix: String) throws -> any LogLedger
    /// Opens the book of runs.
    func runLedger() throws -> any RunLedger
    /// Opens what the book of runs says of the past.
    func runHistory() throws -> any RunHistory
    /// What the warehouse knows about the pipeline.
    func pipelineFacts() throws -> PipelineFacts
    /// Takes the lock of batches, held as long as what is returned.
    func lockBatches() throws -> any Sendable
    /// Opens what looks for one sale in all layers.
    func saleTracer() throws -> any SaleTracer
    /// Opens the balance.
    func balanceStore() throws -> any BalanceStore
    /// The warehouse in figures.
    func status() throws -> WarehouseStatus
    /// The served mart in figures.
    func summary(firstRows: Int) throws -> MartSummary

    /// The rows of a query, each value as text, nil for NULL.
    func rows(_ sql: String) throws -> [[String?]]
    /// Runs a statement behind the ports' back, committed at once.
    func execute(_ sql: String) throws
    /// The expression that shows a column of bytes in capital hexadecimal digits.
    func hexadecimal(_ column: String) -> String
    /// Every row of every table of these schemas, each value exactly, by table in the order of its key.
    func dump(_ schemas: [String]) throws -> [String: [String]]
    /// The served mart, with the exact integers beneath the view.
    func martItems() throws -> [MartItem]
    /// Makes every transaction that writes to a table fail as long as `body` runs.
    @discardableResult
    func failingWrites<Result>(to table: String, _ body: () throws -> Result) throws -> Result
}

extension WarehouseUnderTest {
    /// Opens the writer of code version "1".
    package func salesWriter() throws -> any SalesWriter { try salesWriter(codeVersion: "1") }
    /// Opens the catalogues of code version "1".
    package func catalogueStore() throws -> any CatalogueStore { try catalogueStore(codeVersion: "1") }

    /// The first column of a query, NULL as "NULL".
    package func column(_ sql: String) throws -> [String] { try rows(sql).map { ($0.first ?? nil) ?? "NULL" } }

    /// The single value of a query; nil when there is no row, or it is NULL.
    package func value(_ sql: String) throws -> String? { try rows(sql).first?.first ?? nil }

    /// The single number of a query; 0 when there is no row, or it is NULL.
    package func number(_ sql: String) throws -> Int64 { try value(sql).flatMap { Int64($0) } ?? 0 }
}

/// One row of the mart. Money in 1/10,000, the discount in steps of 0.01 %.
package struct MartItem: Sendable, Hashable {
    /// The sale.
    package var sale: Int64
    /// The product's key.
    package var sku: String
    /// `YYYY-MM-DD HH:MM:SS`.
    package var datetime: String
    /// The sum of the lines' amounts.
    package var amount: Int64
    /// The sum of the lines' quantities.
    package var quantity: Int64
    /// The product's description.
    package var description: String
    /// The discount; nil where it cannot be computed.
    package var discount: Int64?

    /// Makes a row.
    package init(
        sale: Int64, sku: String, datetime: String, amount: Int64, quantity: Int64, description: String,
        discount: Int64?
    ) {
        self.sale = sale
        self.sku = sku
        self.datetime = datetime
        self.amount = amount
        self.quantity = quantity
        self.description = description
        self.discount = discount
    }
}
