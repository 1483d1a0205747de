internal import Synchronization

/// A number for each combination of labels that only rises, from 0 at the start of the process.
package final class Counter: MetricFamily {
    let description: MetricDescription
    private let values = Mutex<[[String]: Double]>([:])

    init(_ description: MetricDescription) {
        self.description = description
        if description.labels.isEmpty { values.withLock { $0[[]] = 0 } }
    }

    /// Adds to one series. Meant to be called once for a batch and not for each record: it takes a lock.
    ///
    /// - Parameter labels: values in the order in which the labels were named.
    /// - Precondition: as many as there are labels; the amount is not below 0.
    package func add(_ amount: some BinaryInteger, _ labels: String...) {
        precondition(amount >= 0, "\(description.name) only rises")
        description.check(labels)
        values.withLock { $0[labels, default: 0] += Double(amount) }
    }

    var samples: String {
        values.withLock { $0 }.sorted { inOrder($0.key, $1.key) }
            .map { description.sample($0.value, $0.key) }.joined()
    }
}
