import Synchronization
import Telemetry
import Testing
import Warehouse

@testable import Service

@Suite("The metrics of the pipeline", .timeLimit(.minutes(1)))
struct PipelineMetricsTests {
    struct Down: Error {}

    /// 1, 2, 3, …
    final class Number: Sendable {
        private let number = Mutex(0)

        func next() -> Int {
            number.withLock { number in
                number += 1
                return number
            }
        }
    }

    private let registry = MetricRegistry()
    private let metrics: PipelineMetrics

    init() { metrics = PipelineMetrics(registry) }

    private func lines(_ name: String) -> [String] {
        registry.text.split(separator: "\n").filter { $0.hasPrefix(name) }.map { String($0.dropFirst(name.count)) }
    }

    @Test("Have the names and labels that others rely on")
    func names() {
        metrics.didExtract(250, from: "sales")
        metrics.didIngest(topic: "t", partitions: [0: 5, 3: 7], refusals: ["not_json": 2])
        metrics.didIngest(topic: "t", partitions: [0: 5], refusals: [:])
        metrics.didRun("rebuild", outcome: "done", seconds: 2)
        metrics.set([PartitionLag(topic: "t", partition: 1, records: 9)])
        metrics.set(
            PipelineFacts(behindSince: 1_000_000, orphanLines: 4, lastSuccess: ["rebuild": 1_500_000]), now: 3_500_000)
        #expect(lines("retailflow_extract_records_total") == ["{endpoint=\"sales\"} 250"])
        #expect(
            lines("retailflow_ingest_records_total") == [
                "{topic=\"t\",partition=\"0\"} 10", "{topic=\"t\",partition=\"3\"} 7",
            ])
        #expect(lines("retailflow_ingest_rejects_total") == ["{reason=\"not_json\"} 2"])
        #expect(lines("retailflow_consumer_lag_records") == ["{topic=\"t\",partition=\"1\"} 9"])
        #expect(lines("retailflow_mart_freshness_seconds") == [" 2.5"])
        #expect(lines("retailflow_orphan_lines") == [" 4"])
        #expect(lines("retailflow_run_seconds_count") == ["{run=\"rebuild\",outcome=\"done\"} 1"])
        #expect(lines("retailflow_run_last_success_timestamp_seconds") == ["{run=\"rebuild\"} 1.5"])
    }

    // To see it fail: keep what was told before.
    @Test("Are asked for again and again, and what does not answer is told no more until it does")
    func sampler() async throws {
        let asked = Number()
        let facts = PipelineFacts(behindSince: nil, orphanLines: 1, lastSuccess: ["rebuild": 1_000_000])
        let ofWarehouse = try await seen(
            facts: {
                try answer(facts, unless: asked.next() == 2)
            }, lag: nil)
        let whole = [
            "retailflow_mart_freshness_seconds 0", "retailflow_orphan_lines 1",
            "retailflow_run_last_success_timestamp_seconds{run=\"rebuild\"} 1",
        ]
        #expect(ofWarehouse == [whole, [], whole])
    }

    @Test("Of Kafka are told only while it answers, whatever the warehouse does")
    func lag() async throws {
        let asked = Number()
        let ofKafka = try await seen(
            facts: {
                // A disk that does not answer.
                try await untilCancelled()
                throw Down()
            },
            lag: {
                let lag = PartitionLag(topic: "t", partition: 0, records: 0)
                return try answer([lag], unless: asked.next() == 2)
            })
        let whole = ["retailflow_consumer_lag_records{topic=\"t\",partition=\"0\"} 0"]
        #expect(ofKafka == [whole, [], whole])
    }

    private func answer<Answer>(_ answer: Answer, unless isDown: Bool) throws -> Answer {
        if isDown { throw Down() }
        return answer
    }

    /// What a scrape would see after each of three rounds.
    private func seen(
        facts: @escaping @Sendable () async throws -> PipelineFacts,
        lag: (@Sendable () async throws -> [PartitionLag])?
    ) async throws -> [[String]] {
        let seen = Mutex<[[String]]>([])
        let registry = registry
        let clock = ServiceClock(
            now: { 10_000_000 },
            sleep: { milliseconds in
                #expect(milliseconds == 5_000)
                let told = registry.text.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
                let rounds = seen.withLock { seen in
                    seen.append(told)
                    return seen.count
                }
                if rounds == 3 { throw CancellationError() }
            }, runLater: { _, _ in })
        let sampler = MetricSampler(metrics, clock: clock, logger: .silent, facts: facts, lag: lag)
        await #expect(throws: CancellationError.self) { try await sampler.run() }
        return seen.withLock { $0 }
    }
}
