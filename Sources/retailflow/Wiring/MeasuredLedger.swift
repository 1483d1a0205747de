import Service
import Synchronization
import Telemetry
import Warehouse

/// A book of runs that also counts how long each took.
final class MeasuredLedger: RunLedger {
    private let ledger: any RunLedger
    private let metrics: PipelineMetrics
    /// The runs that have not ended, by number.
    private let running = Mutex<[Int64: (run: String, began: Int64)]>([:])

    init(_ ledger: any RunLedger, _ metrics: PipelineMetrics) {
        self.ledger = ledger
        self.metrics = metrics
    }

    func begin(run: String) throws -> Int64 {
        let began = SystemClock.monotonicMicroseconds()
        let number = try ledger.begin(run: run)
        running.withLock { $0[number] = (run, began) }
        return number
    }

    func end(_ number: Int64, outcome: String, counts: String, error: String?) throws {
        if let (run, began) = running.withLock({ $0.removeValue(forKey: number) }) {
            let seconds = Double(SystemClock.monotonicMicroseconds() - began) / 1_000_000
            metrics.didRun(run, outcome: outcome, seconds: seconds)
        }
        try ledger.end(number, outcome: outcome, counts: counts, error: error)
    }
}
