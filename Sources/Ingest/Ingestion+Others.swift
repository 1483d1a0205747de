internal import Foundation
internal import Kafka
internal import Telemetry

// Other members of the group: those that hold partitions, and one that seems to be this very one.
extension Ingestion {
    /// Whether a run to the end may end although not all partitions are its own.
    ///
    /// A member that was killed holds its partitions until the group misses it. Who asked for all that there is must not
    /// get a part of it for that; what members that live hold is theirs to read.
    func mayEnd() -> Bool {
        guard let partitions = configuration.partitions, progress.count < partitions else { return true }
        let since = doneSince ?? now()
        doneSince = since
        guard now() - since > othersMilliseconds else { return false }
        logger.warning("partitions of others not read", [("partitions", LogValue(partitions - progress.count))])
        return true
    }

    /// How long the group takes at most to give the partitions of a member that it misses to others.
    static let settlingMilliseconds = 5_000

    /// Whether the error says that another member has the name of this one (`group.instance.id`). It is looked at
    /// before it is believed.
    func isFencing(_ error: any Error) -> Bool {
        guard !isStopped, let error = error as? KafkaError, error.code == .fencedInstance else { return false }
        (fencing, isStale) = (error, true)
        (progress, backlog, uncommitted, isAssigned, isHeld) = ([:], [], [:], false, false)
        mayHaveWithdrawn = true
        return true
    }

    /// Waits until the group has forgotten whoever took the name.
    ///
    /// A member whose broker died asks to join again and can be fenced by its own first try, the answer to which got lost
    /// (librdkafka 2.0.2). Nobody sends signs of life for that one, so it is gone after the session's time; a real one
    /// stays.
    ///
    /// - Throws: the error when another member lives under the name.
    func outlast(_ error: KafkaError, as configuration: ConsumerConfiguration) throws {
        fencing = nil
        guard let group = configuration.group else { throw error }
        logger.warning("name taken in the group", [("reason", LogValue(describing: error))])
        let admin = try AdminClient(configuration.cluster)
        let deadline = now() + othersMilliseconds
        while !isStopped {
            do throws(KafkaError) {
                let members = try admin.describeGroup(group, timeoutMilliseconds: 5_000).members
                if !members.contains(where: { $0.groupInstanceID == configuration.groupInstanceID }) { return }
                guard now() < deadline else { throw error }
            } catch {
                // The brokers may still be about to find another coordinator.
                guard error.disposition == .retriable, now() < deadline else { throw error }
            }
            Thread.sleep(forTimeInterval: 0.25)
        }
    }
}
