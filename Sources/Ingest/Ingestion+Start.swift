internal import Kafka
internal import Telemetry
internal import Warehouse

// Where the reading of partitions begins, and what is said when it can't.
extension Ingestion {
    /// Where to start each of these partitions, from what Kafka and the warehouse know of them now.
    func decide(_ partitions: [TopicPartition], by consumer: Consumer) throws -> [TopicPartition: Int64] {
        guard !partitions.isEmpty else { return [:] }
        // The first batch from there is to be proven.
        lastLook = nil
        lastRead = now()
        let committed = try consumer.committed(partitions)
        let stored = try writer.storedPositions(log: log)
        let accepted = try logs.acceptedLosses(log: log)
        var starts: [TopicPartition: Int64] = [:]
        for partition in partitions {
            let available = try available(partition)
            let position = stored[partition.partition]
            let givenUp = accepted[partition.partition] ?? []
            let decision = StartDecision(
                committed: committed[partition], stored: position, available: available,
                givenUp: givenUp)
            if decision.isOtherLog {
                throw otherLog(partition.partition, "it ends at offset \(available.upperBound), before what was read")
            }
            // Accepted by a run that died before it read anything behind it: that holds.
            if let lost = decision.lost, !givenUp.contains(where: { $0.clamped(to: lost) == lost }) {
                try giveUp(lost, of: partition, available: available)
            }
            if let range = decision.fromRaw { backlog.append((partition.partition, range)) }
            let end = progress[partition.partition]?.target ?? available.upperBound
            progress[partition.partition] = PartitionProgress(
                target: configuration.mode == .untilEnd ? end : nil, next: decision.start, wanted: decision.wanted,
                proof: decision.proof, isProven: (position?.raw ?? 0) <= decision.start, freshFrom: position?.ods ?? 0,
                isNoted: decision.start == 0
                    || [committed[partition], position?.raw, position?.ods].allSatisfy { $0 == decision.start })
            starts[partition] = decision.start
            logger.debug(
                "partition assigned",
                [("partition", LogValue(partition.partition)), ("start", LogValue(decision.start))])
        }
        return starts
    }

    /// - Throws: `.topicGone` among others.
    func available(_ partition: TopicPartition) throws -> Range<Int64> {
        do {
            return try endOfLog(partition)
        } catch let error as KafkaError {
            throw error.meansTopicGone ? topicGone(error) : error
        }
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
