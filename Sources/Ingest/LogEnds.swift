internal import Foundation
package import Kafka

/// Asks the brokers where partitions begin and end, records of open transactions counted.
package struct LogEnds: Sendable {
    private let admin: AdminClient
    private let timeoutMilliseconds: Int

    /// - Throws: `KafkaError` when the client can't be made.
    package init(_ cluster: KafkaConfiguration, timeoutMilliseconds: Int = 15_000) throws(KafkaError) {
        admin = try AdminClient(cluster)
        self.timeoutMilliseconds = timeoutMilliseconds
    }

    /// The partition's first offset, and the one behind its last record. Asks again while brokers change places.
    ///
    /// - Throws: `KafkaError`.
    package func range(of partition: TopicPartition) throws(KafkaError) -> Range<Int64> {
        let deadline = ContinuousClock.now + .milliseconds(timeoutMilliseconds)
        var isFirst = true
        while true {
            do {
                return try admin.watermarks(of: partition, timeoutMilliseconds: timeoutMilliseconds)
            } catch {
                guard error.mayBeOutdated(isFirst), ContinuousClock.now < deadline else { throw error }
                // The partition was added, or has got another leader, since this client last looked.
                if !isFirst { Thread.sleep(forTimeInterval: 0.1) }
                isFirst = false
                _ = try admin.describeTopics([partition.topic], timeoutMilliseconds: timeoutMilliseconds)
            }
        }
    }
}

extension KafkaError {
    /// Whether what the client knows of the cluster may be to blame. A partition that is unknown twice is unknown.
    fileprivate func mayBeOutdated(_ isFirst: Bool) -> Bool {
        disposition == .retriable || (isFirst && code == .unknownPartition)
    }
}
