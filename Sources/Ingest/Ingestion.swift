internal import Dispatch
package import Kafka
package import Retail
package import Telemetry
package import Warehouse

/// The way of records from a topic into the warehouse: pull a batch, parse it, write it, and only then commit its
/// offsets to Kafka.
///
/// One thread owns it. While one batch is being written the next is pulled and parsed. The group's rebalances come
/// inside the pull: partitions are given away only when their records in hand are written and committed.
package final class Ingestion {
    private let configuration: IngestConfiguration
    private let writer: any SalesWriter
    private let logs: any LogLedger
    private let logger: Logger
    private let stop: StopSignal
    private let onBatch: @Sendable (BatchReport) -> Void
    private let endOfLog: (TopicPartition) throws -> Range<Int64>
    private let log: Int64
    private let assembler: BatchAssembler
    private var breaker: RejectBreaker
    private var progress: [Int32: PartitionProgress] = [:]
    private var wasAssigned = false
    private var backlog: [(partition: Int32, offsets: Range<Int64>)] = []
    private var inFlight: InFlight?
    private var report = IngestReport()

    /// A batch that is being written.
    private struct InFlight {
        let write: BatchWrite
        let records: Int
        let bytes: Int
        let offsets: [Int32: Int64]
    }

    /// - Parameters:
    ///   - endOfLog: the partition's first offset, and the one behind its last record, open transactions counted.
    ///   - onBatch: told of each batch that was written and committed.
    /// - Throws: `WarehouseError`; `.otherLog` when the topic belongs to another cluster than was read before.
    package init(
        _ configuration: IngestConfiguration, writer: any SalesWriter, logs: any LogLedger, timeZone: RetailTimeZone,
        logger: Logger, stop: StopSignal, endOfLog: @escaping (TopicPartition) throws -> Range<Int64>,
        onBatch: @escaping @Sendable (BatchReport) -> Void = { _ in }
    ) throws {
        self.configuration = configuration
        self.writer = writer
        self.logs = logs
        self.logger = logger
        self.stop = stop
        self.endOfLog = endOfLog
        self.onBatch = onBatch
        log = try logs.log(
            ofTopic: configuration.topic, cluster: configuration.cluster, startNew: configuration.startsNewLog)
        assembler = BatchAssembler(timeZone: timeZone, log: log, topic: configuration.topic)
        breaker = configuration.acceptsRejects ? RejectBreaker() : RejectBreaker(json: try writer.breakerState())
    }

    /// Reads until the end, or until it is told to stop. Blocking.
    ///
    /// - Throws: `KafkaError`, `WarehouseError`, `IngestError`. Nothing is lost: what was not committed is read again.
    package func run(_ consumerConfiguration: ConsumerConfiguration) throws -> IngestReport {
        let consumer = try Consumer(consumerConfiguration, rebalanceHandler: self)
        stop.attach(consumer.waker)
        do {
            try consumer.subscribe([configuration.topic])
            while !stop.isStopped && !isAtEnd {
                try writeBacklog()
                try step(consumer)
            }
            try finishInFlight(consumer)
        } catch {
            // What is being written must end before the memory of its records goes, and the group is left in order.
            _ = try? inFlight?.write.wait()
            inFlight = nil
            try? consumer.close()
            throw error
        }
        try consumer.close()
        return report
    }

    private var isAtEnd: Bool {
        wasAssigned && backlog.isEmpty && configuration.mode == .untilEnd && progress.values.allSatisfy(\.isDone)
    }

    /// Pulls a batch and hands it to the writer, once the one before it is written and committed.
    private func step(_ consumer: Consumer) throws {
        let polled = try consumer.poll(
            recordsMax: configuration.batchRecords,
            waitMilliseconds: inFlight == nil ? 250 : configuration.idleMilliseconds,
            batchMilliseconds: configuration.batchMilliseconds, idleMilliseconds: configuration.idleMilliseconds)
        guard !polled.isEmpty || !polled.nextOffsets.isEmpty else { return try finishInFlight(consumer) }
        try checkProofs(polled)
        let batch = assembler.assemble(polled)
        try finishInFlight(consumer)
        try write(batch)
    }

    private func write(_ batch: IngestBatch) throws {
        var batch = batch
        try checkRejects(of: batch)
        batch.breakerState = breaker.json
        inFlight = InFlight(
            write: writer.write(batch), records: batch.records.count,
            bytes: batch.records.reduce(0) { $0 + ($1.payload?.count ?? 0) }, offsets: batch.nextOffsets)
    }

    /// Waits for the batch being written and commits its offsets, of the partitions that are still ours.
    private func finishInFlight(_ consumer: Consumer) throws {
        guard let batch = inFlight else { return }
        let counts = try batch.write.wait()
        inFlight = nil
        let offsets = batch.offsets.filter { progress[$0.key] != nil }
        for (partition, offset) in offsets { progress[partition]?.next = offset }
        try commit(offsets, by: consumer)
        report.records += batch.records
        report.batches += 1
        report.counts += counts
        onBatch(BatchReport(records: batch.records, bytes: batch.bytes, counts: counts))
        logger.debug(
            "batch written",
            [
                ("records", LogValue(batch.records)), ("raw_new", LogValue(counts.raw.inserted)),
                ("sales_new", LogValue(counts.ods.inserted)), ("sales_changed", LogValue(counts.ods.changed)),
                ("rejects_new", LogValue(counts.ods.newRejects)),
            ])
    }

    private func commit(_ offsets: [Int32: Int64], by consumer: Consumer) throws {
        guard !offsets.isEmpty else { return }
        let topic = configuration.topic
        do {
            try consumer.commit(
                Dictionary(uniqueKeysWithValues: offsets.map { (TopicPartition(topic: topic, partition: $0), $1) }))
        } catch {
            guard error.meansPartitionsLost else { throw error }
            // Another member has them now and will read this batch again: harmless, and not ours to commit.
            logger.warning("commit refused", [("reason", LogValue(describing: error))])
        }
    }

    // MARK: Before a batch is written

    /// The first record of a partition must be the last one read before: else this is another log.
    private func checkProofs(_ polled: RecordBatch) throws {
        guard progress.values.contains(where: { $0.proof != nil }) else { return }
        var first = polled.endOfPartitions.reduce(into: [Int32: Int64]()) { $0[$1.key.partition] = $1.value }
        polled.forEach { _, record in
            first[record.partition] = min(first[record.partition] ?? record.offset, record.offset)
        }
        for (partition, offset) in first {
            guard let proof = progress[partition]?.proof else { continue }
            if offset != proof { throw otherLog(partition, "record \(proof), the last one read, is not there") }
            progress[partition]?.proof = nil
        }
    }

    private func checkRejects(of batch: IngestBatch) throws {
        guard !configuration.acceptsRejects else { return }
        // Records that were read before (a replay) say nothing about what comes in now.
        let fresh = batch.records.map { $0.offset >= (progress[$0.partition]?.freshFrom ?? 0) }
        let records = fresh.count { $0 }
        guard records > 0 else { return }
        let refusals = batch.sales.refusals.filter { fresh[Int($0.record)] }
        let new = refusals.isEmpty ? 0 : try writer.unknownRefusals(contentHashes: refusals.map(\.contentHash))
        let runs = RejectBreaker.RunLengths(
            refused: new == 0 ? [] : refusals.map { Int($0.record) }, records: batch.records.count)
        let reason = breaker.take(
            records: records, rejects: new, runs: runs, percentMax: configuration.rejectPercentMax,
            consecutiveMax: configuration.consecutiveRejectsMax)
        if let reason, let first = refusals.first {
            let record = batch.records[Int(first.record)]
            throw IngestError(
                code: .tooManyRejects, reason: "\(reason): \(RejectSummary(refusals))",
                place: "\(batch.topic)[\(record.partition)]@\(record.offset) is the first of this batch",
                remedy: "see what changed upstream; nothing of the batch was written; "
                    + "to keep them as rejects and go on: retailflow ingest --accept-rejects")
        }
    }

    /// Reads from raw what Kafka has lost, before anything newer is taken from Kafka: ods's stored offset passes a
    /// record only when it was written.
    private func writeBacklog() throws {
        while let (partition, offsets) = backlog.first, !stop.isStopped {
            let chunk = try writer.rawRecords(
                log: log, partition: partition, offsets: offsets, recordsMax: configuration.batchRecords)
            guard let last = chunk.records.last else {
                backlog.removeFirst()
                continue
            }
            let batch = assembler.assemble(
                chunk.records, owner: chunk.owner, nextOffsets: [partition: last.offset + 1])
            report.counts += try writer.write(batch).wait()
            report.records += chunk.records.count
            backlog[0].offsets = (last.offset + 1)..<offsets.upperBound
        }
    }

    private func otherLog(_ partition: Int32, _ reason: String) -> IngestError {
        IngestError(
            code: .otherLog, reason: "the topic is another one than was read before: \(reason)",
            place: "\(configuration.topic)[\(partition)], log \(log)",
            remedy: "if the topic was made anew on purpose, go on with: retailflow ingest --new-log")
    }
}

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

extension KafkaError {
    /// The group has given this member's partitions to others.
    fileprivate var meansPartitionsLost: Bool {
        code == .illegalGeneration || code == .unknownMember || code == .rebalanceInProgress
    }
}
