package import Telemetry
internal import Warehouse

/// The metrics of the pipeline, under the names that dashboards and alerts rely on.
package final class PipelineMetrics: Sendable {
    private let extracted: Counter
    private let ingested: Counter
    private let rejects: Counter
    private let lag: Gauge
    private let freshness: Gauge
    private let orphans: Gauge
    private let runSeconds: Histogram
    private let lastSuccess: Gauge

    /// Adds them to a registry.
    package init(_ registry: MetricRegistry) {
        extracted = registry.counter(
            "retailflow_extract_records_total", help: "Records extracted from the source API by this process.",
            labels: ["endpoint"])
        ingested = registry.counter(
            "retailflow_ingest_records_total", help: "Records read from Kafka and written by this process.",
            labels: ["topic", "partition"])
        rejects = registry.counter(
            "retailflow_ingest_rejects_total",
            help: "Records that this process refused, each under its first reason, those of a replay included.",
            labels: ["reason"])
        lag = registry.gauge(
            "retailflow_consumer_lag_records",
            help: "Offsets between what the consumer group has committed and the end of the partition.",
            labels: ["topic", "partition"])
        freshness = registry.gauge(
            "retailflow_mart_freshness_seconds",
            help: "How long ods has had the oldest new sale that the mart lacks; 0: it lacks none.")
        orphans = registry.gauge(
            "retailflow_orphan_lines", help: "Lines that wait outside of the mart for a product or a customer.")
        runSeconds = registry.histogram(
            "retailflow_run_seconds", help: "How long runs took that ended in this process.",
            labels: ["run", "outcome"], bounds: [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600, 14_400])
        lastSuccess = registry.gauge(
            "retailflow_run_last_success_timestamp_seconds",
            help: "When the last run of a name was done, of whatever process.", labels: ["run"])
    }

    /// Counts records of an endpoint of the API.
    package func didExtract(_ records: Int, from endpoint: String) { extracted.add(records, endpoint) }

    /// Counts a batch that was written and committed.
    ///
    /// - Parameters:
    ///   - partitions: how many records came from each.
    ///   - refusals: how many of them were refused, by reason.
    package func didIngest(topic: String, partitions: [Int32: Int], refusals: [String: Int]) {
        for (partition, records) in partitions { ingested.add(records, topic, String(partition)) }
        for (reason, records) in refusals { rejects.add(records, reason) }
    }

    /// Counts a run that ended.
    package func didRun(_ run: String, outcome: String, seconds: Double) { runSeconds.observe(seconds, run, outcome) }

    /// Tells what the warehouse knows; nil: it can't be asked, and nothing is told.
    ///
    /// - Parameter now: microseconds of UTC.
    func set(_ facts: PipelineFacts?, now: Int64) {
        guard let facts else { return [freshness, orphans, lastSuccess].forEach { $0.clear() } }
        freshness.set(facts.behindSince.map { max(0, Double(now - $0) / 1_000_000) } ?? 0)
        orphans.set(Double(facts.orphanLines))
        lastSuccess.replaceAll(
            facts.lastSuccess.reduce(into: [:]) { $0[[$1.key]] = Double($1.value) / 1_000_000 })
    }

    /// Tells how far the group is behind; nil: Kafka can't be asked, and nothing is told.
    func set(_ lags: [PartitionLag]?) {
        lag.replaceAll((lags ?? []).reduce(into: [:]) { $0[[$1.topic, String($1.partition)]] = Double($1.records) })
    }
}

/// How far a consumer group is behind in one partition.
package struct PartitionLag: Sendable, Hashable {
    package let topic: String
    package let partition: Int32
    /// Offsets from what was committed to the end; markers of transactions counted.
    package let records: Int64

    package init(topic: String, partition: Int32, records: Int64) {
        self.topic = topic
        self.partition = partition
        self.records = records
    }
}
