internal import Synchronization

/// How often something took how much, for each combination of labels, since the start of the process.
package final class Histogram: MetricFamily {
    private struct Series {
        /// For each bound the observations that are not above it and above the one before; the last: above all.
        var counts: [Int64]
        var sum = 0.0
    }

    let description: MetricDescription
    private let bounds: [Double]
    private let series = Mutex<[[String]: Series]>([:])

    init(_ description: MetricDescription, bounds: [Double]) {
        precondition(
            zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 } && bounds.allSatisfy(\.isFinite),
            "the bounds of \(description.name) do not rise")
        self.description = description
        self.bounds = bounds
    }

    /// Counts one observation.
    ///
    /// - Parameter labels: values in the order in which the labels were named.
    /// - Precondition: as many as there are labels.
    package func observe(_ value: Double, _ labels: String...) {
        description.check(labels)
        let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
        series.withLock { series in
            series[labels, default: Series(counts: Array(repeating: 0, count: bounds.count + 1))].counts[bucket] += 1
            series[labels]?.sum += value
        }
    }

    var samples: String {
        series.withLock { $0 }.sorted { inOrder($0.key, $1.key) }.map { labels, series in
            var text = ""
            var below: Int64 = 0
            for (bound, count) in zip(bounds + [.infinity], series.counts) {
                below += count
                text += description.sample(Double(below), suffix: "_bucket", labels, bound: bound)
            }
            text += description.sample(series.sum, suffix: "_sum", labels)
            return text + description.sample(Double(below), suffix: "_count", labels)
        }.joined()
    }
}
