import Batch
import Configuration
import Service
import Telemetry
import Warehouse

/// `retailflow batch`: full refresh of the catalogues, then the mart rebuilt, audited, flipped.
struct BatchCommand: CommandAction {
    let options: BatchOptions

    func run(_ context: CommandContext) async throws -> ExitCode {
        let warehouse = try Deployment(context).warehouse()
        let lock = try warehouse.lockBatches()
        defer { withExtendedLifetime(lock) {} }
        return try await run(context, warehouse)
    }

    /// The batch itself, for whoever holds the lock.
    func run(_ context: CommandContext, _ warehouse: any WarehousePorts) async throws -> ExitCode {
        let deployment = Deployment(context)
        let ledger = deployment.ledger(warehouse)
        // Asked first: nothing is done by halves.
        let mart = options.parts.contains(.rebuild) ? try warehouse.martStore() : nil
        var json: [String: JSONValue] = [:]
        var text = ""
        var refused: ReconciliationError?
        if options.parts.contains(.reconcile) {
            let reports: [Reconciliation.Report]
            do {
                reports = try await recorded(
                    "reconcile", in: ledger, logger: context.logger, counts: JSONValue.init
                ) { try await reconciliation(deployment, warehouse).run(accepting: options.acceptsCatalogue) }
            } catch let error as ReconciliationError {
                // The sales need not wait for it: the mart is built on the catalogue that was believed last.
                (reports, refused) = (error.reports, error)
                json["refused"] = .array(error.refusals.map(\.json))
            }
            json["reconcile"] = JSONValue(reports)
            for report in reports {
                text += report.summary + "\n"
                if report.isFresh { context.metrics?.didExtract(report.counts.rows, from: report.catalogue) }
            }
            for refusal in refused?.refusals ?? [] { text += refusal.summary + "\n" }
        }
        if let mart {
            let progress = context.progress("rebuild")
            defer { progress.finish() }
            let report = try await recorded(
                "rebuild", in: ledger, logger: context.logger, counts: JSONValue.init
            ) {
                try await MartRebuild(
                    mart, allowMissingCustomer: context.settings.batch.allowsMissingCustomer
                ).run { done, total in
                    progress.setTotal(total)
                    progress.add(sales: Int(done))
                }
            }
            progress.finish()
            json["rebuild"] = JSONValue(report)
            text += report.summary + "\n"
        }
        guard options.parts.contains(.balance) else {
            try context.write(json: .object(json), text: text)
            if let refused { throw refused }
            return .done
        }
        let balance = try await balance(deployment, warehouse, ledger)
        json["balance"] = balance.json
        try context.write(json: .object(json), text: text + balance.text)
        if let refused { throw refused }
        if let error = balance.error { throw error }
        return .done
    }

    /// The hours, as far as Kafka can be asked, and the mart that was just built.
    private func balance(
        _ deployment: Deployment, _ warehouse: any WarehousePorts, _ ledger: any RunLedger
    ) async throws -> BalanceOutcome {
        let store = warehouse.balanceStore()
        var outcome = BalanceOutcome()
        do {
            outcome = try await recorded(
                "balance", in: ledger, logger: deployment.logger, counts: { (outcome: BalanceOutcome) in outcome.json }
            ) {
                outcome = try await PublishedRecords(deployment).balance(store, accepts: options.acceptsBalance)
                if options.parts.contains(.rebuild) {
                    outcome.report.mart = try await SerialWorker(label: "retailflow.balance.mart", state: ())
                        .perform { _ in try store.martHoldings() }
                }
                if let error = outcome.error { throw error }
                return outcome
            }
        } catch is BalanceError {
            // Told with the rest of the result first.
        }
        return outcome
    }

    private func reconciliation(
        _ deployment: Deployment, _ warehouse: any WarehousePorts
    ) throws -> Reconciliation {
        let store = warehouse.catalogueStore(codeVersion: Deployment.codeVersion)
        let timeZone = try deployment.timeZone()
        let refresh = CatalogueRefresh(
            api: try deployment.api(), store: store, timeZone: timeZone,
            shrinkPercentMax: deployment.settings.batch.shrinkPercentMax, logger: deployment.logger)
        return Reconciliation(refresh: refresh, store: store, timeZone: timeZone)
    }
}
