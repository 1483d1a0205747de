package import Kafka
internal import Telemetry
internal import Warehouse

extension Ingestion: RebalanceHandler {
    package func assigned(_ partitions: [TopicPartition], by consumer: Consumer) throws -> [TopicPartition: Int64] {
        let committed = try consumer.committed(partitions)
        let stored = try writer.storedPositions(log: log)
        var starts: [TopicPartition: Int64] = [:]
        for partition in partitions {
            let available = try endOfLog(partition)
            let decision = StartDecision(
                committed: committed[partition], stored: stored[partition.partition], available: available)
            if decision.isOtherLog {
                throw otherLog(partition.partition, "it ends at offset \(available.upperBound), before what was read")
            }
            if let lost = decision.lost { try giveUp(lost, of: partition, available: available) }
            if let range = decision.fromRaw { backlog.append((partition.partition, range)) }
            progress[partition.partition] = PartitionProgress(
                target: configuration.mode == .untilEnd ? available.upperBound : nil, next: decision.start,
                proof: decision.proof, freshFrom: stored[partition.partition]?.ods ?? 0)
            starts[partition] = decision.start
            logger.debug(
                "partition assigned",
                [("partition", LogValue(partition.partition)), ("start", LogValue(decision.start))])
        }
        wasAssigned = true
        return starts
    }

    package func revoked(_ partitions: [TopicPartition], by consumer: Consumer) throws {
        try finishInFlight(consumer)
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
        }
    }

    private func giveUp(_ lost: Range<Int64>, of partition: TopicPartition, available: Range<Int64>) throws {
        guard configuration.acceptsLoss else {
            let last = try writer.highestSale(log: log, partition: partition.partition)
            let known =
                last.map { "the last sale read from there is \($0.id) of \($0.datetime)" } ?? "none was read yet"
            throw IngestError(
                code: .lostRange,
                reason: "Kafka no longer has offsets \(lost.lowerBound) to \(lost.upperBound - 1), which were not read",
                place: "\(partition.topic)[\(partition.partition)], which begins at \(available.lowerBound); \(known)",
                remedy: "get the sales back with: retailflow extract --endpoint sales --start_sales_id "
                    + "\(last.map { String($0.id) } ?? "ID"), then go on with: retailflow ingest --accept-loss")
        }
        try logs.acceptLoss(log: log, partition: partition.partition, offsets: lost)
        logger.warning(
            "loss accepted",
            [
                ("partition", LogValue(partition.partition)), ("first", LogValue(lost.lowerBound)),
                ("end", LogValue(lost.upperBound)),
            ])
    }
}
