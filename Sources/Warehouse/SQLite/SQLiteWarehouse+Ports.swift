extension SQLiteWarehouse: WarehousePorts {
    package func salesWriter(codeVersion: String) throws -> any SalesWriter {
        try SQLiteSalesWriter(self, codeVersion: codeVersion)
    }

    package func catalogueStore(codeVersion: String) -> any CatalogueStore {
        SQLiteCatalogueStore(self, codeVersion: codeVersion)
    }

    package func knownSales() -> any KnownSales & PublishedPages { SQLiteKnownSales(self) }
    package func rejectStore() -> any RejectStore { SQLiteRejectStore(self) }
    package func replaySource() -> any ReplaySource { SQLiteReplaySource(self) }

    package func logLedger(ephemeralClusterPrefix: String) -> any LogLedger {
        SQLiteLogLedger(self, ephemeralClusterPrefix: ephemeralClusterPrefix)
    }

    package func runLedger() -> any RunLedger & RunHistory { SQLiteRunLedger(self) }
    package func saleTracer() -> any SaleTracer { SQLiteSaleTracer(self) }
    package func balanceStore() -> any BalanceStore { SQLiteBalanceStore(self) }
    package func pipelineFactsReader() -> any PipelineFactsReader { SQLitePipelineFactsReader(self) }
    package func status() throws -> WarehouseStatus { try SQLiteStatusReader(self).read() }

    package func summary(firstRows: Int) throws -> MartSummary {
        try SQLiteMartReader(self).summary(firstRows: firstRows)
    }

    package func lockBatches() throws -> any Sendable { try SQLiteBatchLock(self) }
    package func martStore() -> any MartStore { SQLiteMartStore(self) }
    package func grantRoles() -> [String] { [] }
}
