internal import Synchronization

/// The metrics of a process, as Prometheus reads them.
///
/// ```swift
/// let registry = MetricRegistry()
/// let records = registry.counter("retailflow_ingest_records_total", help: "Records.", labels: ["topic", "partition"])
/// records.add(5_000, "retail.sales.v1", "0")
/// print(registry.text)
/// ```
package final class MetricRegistry: Sendable {
    private let families = Mutex<[String: any MetricFamily]>([:])

    /// Makes a registry without metrics.
    package init() {}

    /// Makes a counter.
    ///
    /// - Parameter name: in base units, with `_total` at its end.
    /// - Precondition: there is no metric of that name, and Prometheus takes name and labels.
    package func counter(_ name: String, help: String, labels: [String] = []) -> Counter {
        add(Counter(MetricDescription(.counter, name, help: help, labels: labels)))
    }

    /// Makes a gauge, which tells nothing before it is set.
    ///
    /// - Precondition: there is no metric of that name, and Prometheus takes name and labels.
    package func gauge(_ name: String, help: String, labels: [String] = []) -> Gauge {
        add(Gauge(MetricDescription(.gauge, name, help: help, labels: labels)))
    }

    /// Makes a histogram.
    ///
    /// - Parameter bounds: the upper bounds of its buckets, rising; the one without a bound comes by itself.
    /// - Precondition: there is no metric of that name, and Prometheus takes name and labels.
    package func histogram(_ name: String, help: String, labels: [String] = [], bounds: [Double]) -> Histogram {
        add(Histogram(MetricDescription(.histogram, name, help: help, labels: labels), bounds: bounds))
    }

    private func add<Family: MetricFamily>(_ family: Family) -> Family {
        let name = family.description.name
        let before = families.withLock { $0.updateValue(family, forKey: name) }
        precondition(before == nil, "there is a metric \(name) already")
        return family
    }

    /// The content type of ``text``.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// All metrics in Prometheus' text format 0.0.4, by name. Each metric is read at a moment of its own.
    package var text: String {
        families.withLock { $0 }.sorted { $0.key < $1.key }
            .map { $0.value.description.head + $0.value.samples }.joined()
    }
}
