import Configuration
import Ingest
import Retail
import Telemetry
import Warehouse

/// `retailflow rejects list|retry`: what was refused, and judging it again.
struct RejectsCommand: CommandAction {
    let options: RejectsOptions

    func run(_ context: CommandContext) async throws -> ExitCode {
        let deployment = Deployment(context)
        let warehouse = try deployment.presentWarehouse()
        let store = warehouse.rejectStore()
        switch options.action {
        case .list:
            let overview = try store.overview(
                RejectFilter(states: options.states, code: options.reason), groupsMax: options.groupsMax)
            try context.write(json: JSONValue(overview), text: overview.summary)
        case .retry:
            let report = try await retry(deployment, warehouse, store)
            try context.write(
                json: JSONValue(report, isDryRun: options.isDryRun),
                text: report.summary(isDryRun: options.isDryRun))
        }
        return .done
    }

    private func retry(
        _ deployment: Deployment, _ warehouse: any WarehousePorts, _ store: any RejectStore
    ) async throws -> RejectRetryReport {
        let timeZone = try deployment.timeZone()
        let now = deployment.clock()
        guard !options.isDryRun else {
            return try await stoppable { stop in
                try RejectRetry(store, timeZone: timeZone).run(into: nil, now: now, stop: stop)
            }
        }
        // An ingest that runs writes the same tables: it is let finish first.
        let writer = try warehouse.salesWriter(codeVersion: Deployment.codeVersion)
        return try await recorded(
            "rejects retry", in: warehouse.runLedger(), logger: deployment.logger,
            counts: { JSONValue($0, isDryRun: false) }
        ) {
            try await stoppable { stop in
                try RejectRetry(store, timeZone: timeZone).run(into: writer, now: now, stop: stop)
            }
        }
    }

    /// Runs blocking work on a thread of its own, told to stop when the task is cancelled.
    private func stoppable<Result: Sendable>(
        _ work: @escaping @Sendable (StopSignal) throws -> Result
    ) async throws -> Result {
        let stop = StopSignal()
        let thread = SerialWorker(label: "retailflow.rejects", state: ())
        return try await withTaskCancellationHandler {
            try await thread.perform { _ in try work(stop) }
        } onCancel: {
            stop.stop()
        }
    }
}
