import Extract
import Telemetry
import Warehouse

/// Notes a run in the warehouse's book: that it began, and how it ended.
func recorded<Report: Sendable>(
    _ run: String, in ledger: any RunLedger, logger: Logger, counts: (Report) -> JSONValue,
    _ work: () async throws -> Report
) async throws -> Report {
    let number = try ledger.begin(run: run)
    do {
        let report = try await work()
        try ledger.end(number, outcome: "done", counts: counts(report).text, error: nil)
        return report
    } catch {
        let outcome = error is CancellationError ? "stopped" : isOutage(error) ? "unavailable" : "failed"
        do {
            try ledger.end(
                number, outcome: outcome, counts: "{}", error: outcome == "stopped" ? nil : String(describing: error))
        } catch let second {
            // The first error is the one to tell; the book shows the run as still running.
            logger.warning("run not noted", [("reason", LogValue(describing: String(describing: second)))])
        }
        throw error
    }
}

/// Notes a re-sweep in the warehouse's book: what a follower's run counts is known only when it ends.
func noted(_ report: ResweepReport, in ledger: any RunLedger, logger: Logger) async {
    let worker = SerialWorker(label: "retailflow.runs", state: ())
    do {
        try await worker.perform { _ in
            let number = try ledger.begin(run: "resweep")
            try ledger.end(number, outcome: "done", counts: JSONValue(encoding: report).text, error: nil)
        }
    } catch {
        logger.warning("run not noted", [("reason", LogValue(describing: String(describing: error)))])
    }
}
