internal import FaultPoints
package import Kafka
internal import Telemetry
internal import Warehouse

extension Ingestion: RebalanceHandler {
    package func assigned(_ partitions: [TopicPartition], by consumer: Consumer) throws -> [TopicPartition: Int64] {
        isAssigned = true
        doneSince = nil
        do {
            // What is out of order need not be asked inside the callback.
            if outage == nil {
                let starts = try decide(partitions, by: consumer)
                tell(.works)
                return starts
            }
        } catch {
            try waitOut(error)
        }
        // Nothing is taken before the decision can be made; then reading goes on from there.
        isHeld = true
        forget(partitions, areGone: false)
        return partitions.reduce(into: [:]) { $0[$1] = LogicalOffset.beginning }
    }

    package func revoked(_ partitions: [TopicPartition], by consumer: Consumer) throws {
        try FaultPoint.partitionRelease.around { try settle(consumer) }
        forget(partitions, areGone: true)
    }

    package func lost(_ partitions: [TopicPartition], by consumer: Consumer) throws {
        forget(partitions, areGone: true)
        logger.warning("partitions lost", [("partitions", LogValue(partitions.count))])
    }

    private func forget(_ partitions: [TopicPartition], areGone: Bool) {
        for partition in partitions {
            progress[partition.partition] = nil
            backlog.removeAll { $0.partition == partition.partition }
            // Should the partition come back: what was read of it before is not where its reading is then.
            inFlight?.offsets[partition.partition] = nil
            uncommitted[partition.partition] = nil
        }
        if areGone { isAssigned = !progress.isEmpty }
    }

    /// A fifth of the time that the group gives between two polls: what may pass inside one of its callbacks.
    func budgetMilliseconds(_ consumer: Consumer) -> Int { consumer.maxPollIntervalMilliseconds / 5 }

    /// Finishes the batch in hand and commits it, or rolls it back, or lets go of it: within the budget, whatever the
    /// warehouse does. A write that is let go of may still come about, which is harmless: it is not committed, and
    /// whoever reads it again finds it known.
    func settle(_ consumer: Consumer) throws {
        let budget = budgetMilliseconds(consumer)
        guard let batch = inFlight else { return try commitAgain(consumer, timeoutMilliseconds: budget) }
        if batch.write.wait(milliseconds: budget / 2) == nil {
            writer.interrupt()
            guard batch.write.wait(milliseconds: budget / 4) != nil else {
                inFlight = nil
                isHeld = true
                logger.warning(
                    "batch let go of",
                    [
                        ("records", LogValue(batch.records)),
                        ("reason", "the warehouse neither wrote it nor gave it up in time; it will be read again"),
                    ])
                return
            }
        }
        do {
            try finishInFlight(consumer, timeoutMilliseconds: budget / 4)
        } catch let error as WarehouseError {
            guard error.code == .interrupted else { return try waitOut(error) }
            isHeld = true
            logger.warning("batch rolled back", [("records", LogValue(batch.records))])
        }
    }
}
