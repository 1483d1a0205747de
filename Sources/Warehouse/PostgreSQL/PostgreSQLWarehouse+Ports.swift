internal import PostgreSQL

extension PostgreSQLWarehouse: WarehousePorts {
    package func salesWriter(codeVersion: String) throws -> any SalesWriter {
        try PostgreSQLSalesWriter(self, codeVersion: codeVersion)
    }

    package func catalogueStore(codeVersion: String) -> any CatalogueStore {
        PostgreSQLCatalogueStore(self, codeVersion: codeVersion)
    }

    package func knownSales() -> any KnownSales & PublishedPages { PostgreSQLKnownSales(self) }
    package func rejectStore() -> any RejectStore { PostgreSQLRejectStore(self) }
    package func replaySource() -> any ReplaySource { PostgreSQLReplaySource(self) }

    package func logLedger(ephemeralClusterPrefix: String) -> any LogLedger {
        PostgreSQLLogLedger(self, ephemeralClusterPrefix: ephemeralClusterPrefix)
    }

    package func runLedger() -> any RunLedger & RunHistory { PostgreSQLRunLedger(self) }
    package func saleTracer() -> any SaleTracer { PostgreSQLSaleTracer(self) }
    package func balanceStore() -> any BalanceStore { PostgreSQLBalanceStore(self) }
    package func pipelineFactsReader() -> any PipelineFactsReader { PostgreSQLPipelineFactsReader(self) }
    package func status() throws -> WarehouseStatus { try PostgreSQLStatusReader(self).read() }

    package func summary(firstRows: Int) throws -> MartSummary {
        try PostgreSQLMartReader(self).summary(firstRows: firstRows)
    }

    package func lockBatches() throws -> any Sendable { try PostgreSQLBatchLock(self) }

    package func martStore() throws -> any MartStore {
        throw WarehouseError(
            code: .notSupported, what: "this release does not build the mart of a PostgreSQL warehouse", place: place,
            remedy: "run the other parts alone: retailflow batch --only reconcile,balance; or use sqlite:DIRECTORY")
    }

    package func grantRoles() throws -> [String] {
        try session { try $0.execute(PostgreSQLSchema.privileges) }
        return PostgreSQLSchema.roles
    }
}
