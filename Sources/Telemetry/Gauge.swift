internal import Synchronization

/// A number for each combination of labels that is what it is at the moment. A series that nobody has set is not told:
/// better no number than one that is not true.
package final class Gauge: MetricFamily {
    let description: MetricDescription
    private let values = Mutex<[[String]: Double]>([:])

    init(_ description: MetricDescription) { self.description = description }

    /// Sets one series.
    ///
    /// - Parameter labels: values in the order in which the labels were named.
    /// - Precondition: as many as there are labels.
    package func set(_ value: Double, _ labels: String...) {
        description.check(labels)
        values.withLock { $0[labels] = value }
    }

    /// Sets all series at once; those that are not among them are told no more.
    ///
    /// - Precondition: as many values in each key as there are labels.
    package func replaceAll(_ series: [[String]: Double]) {
        for labels in series.keys { description.check(labels) }
        values.withLock { $0 = series }
    }

    /// Tells no series any more, because nothing is known.
    package func clear() { values.withLock { $0 = [:] } }

    var samples: String {
        values.withLock { $0 }.sorted { inOrder($0.key, $1.key) }
            .map { description.sample($0.value, $0.key) }.joined()
    }
}
