internal import Kafka
internal import Telemetry

// A process that was frozen does not know how long, and finds a batch in its hands whose partitions may be another's.
extension Ingestion {
    /// Whether the group may have taken the partitions away since the last poll, without having been able to say so:
    /// then what is in hand is not written.
    func mayBeForgotten(_ consumer: Consumer) -> Bool {
        let silence = lastPolled.map { now() - $0 } ?? 0
        guard consumer.isAssignmentLost || silence > consumer.sessionTimeoutMilliseconds else { return false }
        isHeld = true
        hasSlept = true
        logger.warning("slept", [("milliseconds", LogValue(silence))])
        return true
    }

    /// Asks the group whether the partitions are still ours, by committing once more what is committed.
    ///
    /// Returns whether reading may go on; else the group is about to say what is ours.
    func isStillMember(_ consumer: Consumer) throws -> Bool {
        guard hasSlept, !consumer.assignedPartitions.isEmpty else { return true }
        hasSlept = false
        try commit(
            progress.filter(\.value.isNoted).mapValues(\.next), by: consumer, timeoutMilliseconds: 10_000)
        return !wasRefused
    }
}
