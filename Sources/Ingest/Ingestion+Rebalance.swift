internal import FaultPoints
package import Kafka
internal import Telemetry
internal import Warehouse

extension Ingestion: RebalanceHandler {
    package func assigned(_ partitions: [TopicPartition], by consumer: Consumer) throws -> [TopicPartition: Int64] {
        let committed = try consumer.committed(partitions)
        let stored = try writer.storedPositions(log: log)
        let givenUp = try logs.acceptedLosses(log: log)
        var starts: [TopicPartition: Int64] = [:]
        for partition in partitions {
            let available = try endOfLog(partition)
            let position = stored[partition.partition]
            let decision = StartDecision(
                committed: committed[partition], stored: position, available: available,
                givenUp: givenUp[partition.partition] ?? [])
            if decision.isOtherLog {
                throw otherLog(partition.partition, "it ends at offset \(available.upperBound), before what was read")
            }
            if let lost = decision.lost { try giveUp(lost, of: partition, available: available) }
            if let range = decision.fromRaw { backlog.append((partition.partition, range)) }
            progress[partition.partition] = PartitionProgress(
                target: configuration.mode == .untilEnd ? available.upperBound : nil, next: decision.start,
                proof: decision.proof, isProven: (position?.raw ?? 0) <= decision.start, freshFrom: position?.ods ?? 0,
                isNoted: decision.start == 0
                    || [committed[partition], position?.raw, position?.ods].allSatisfy { $0 == decision.start })
            starts[partition] = decision.start
            logger.debug(
                "partition assigned",
                [("partition", LogValue(partition.partition)), ("start", LogValue(decision.start))])
        }
        isAssigned = true
        return starts
    }

    package func revoked(_ partitions: [TopicPartition], by consumer: Consumer) throws {
        try FaultPoint.partitionRelease.around { try finishInFlight(consumer) }
        forget(partitions)
    }

    package func lost(_ partitions: [TopicPartition], by consumer: Consumer) throws {
        forget(partitions)
        logger.warning("partitions lost", [("partitions", LogValue(partitions.count))])
    }

    private func forget(_ partitions: [TopicPartition]) {
        for partition in partitions {
            progress[partition.partition] = nil
            backlog.removeAll { $0.partition == partition.partition }
            // Should the partition come back: what was read of it before is not where its reading is then.
            inFlight?.offsets[partition.partition] = nil
        }
        isAssigned = !progress.isEmpty
    }

    func lostRange(
        _ lost: Range<Int64>, of partition: TopicPartition, available: Range<Int64>
    ) throws -> IngestError {
        let last = try writer.highestSale(log: log, partition: partition.partition)
        let known = last.map { "the last sale read from there is \($0.id) of \($0.datetime)" } ?? "none was read yet"
        return IngestError(
            code: .lostRange,
            reason: "Kafka no longer has offsets \(lost.lowerBound) to \(lost.upperBound - 1), which were not read",
            place: "\(partition.topic)[\(partition.partition)], which begins at \(available.lowerBound); \(known)",
            remedy: "get the sales back with: retailflow extract --endpoint sales --start_sales_id "
                + "\(last.map { String($0.id) } ?? "ID"), then go on with: retailflow ingest --accept-loss")
    }

    private func giveUp(_ lost: Range<Int64>, of partition: TopicPartition, available: Range<Int64>) throws {
        guard configuration.acceptsLoss else { throw try lostRange(lost, of: partition, available: available) }
        try logs.acceptLoss(log: log, partition: partition.partition, offsets: lost)
        logger.warning(
            "loss accepted",
            [
                ("partition", LogValue(partition.partition)), ("first", LogValue(lost.lowerBound)),
                ("end", LogValue(lost.upperBound)),
            ])
    }
}
