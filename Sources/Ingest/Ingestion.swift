internal import Dispatch
internal import FaultPoints
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
    let configuration: IngestConfiguration
    let writer: any SalesWriter
    let logs: any LogLedger
    let logger: Logger
    private let stop: StopSignal
    private let onBatch: @Sendable (BatchReport) -> Void
    let endOfLog: (TopicPartition) throws -> Range<Int64>
    let log: Int64
    private let assembler: BatchAssembler
    var breaker: RejectBreaker
    var progress: [Int32: PartitionProgress] = [:]
    /// Whether the group has said which partitions are ours, and has not taken them all away since.
    var isAssigned = false
    var backlog: [(partition: Int32, offsets: Range<Int64>)] = []
    var inFlight: InFlight?
    private var report = IngestReport()

    /// A batch that is being written.
    struct InFlight {
        let write: BatchWrite
        let records: Int
        let bytes: Int
        var offsets: [Int32: Int64]
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
                // Told to stop on the way: nothing newer may be taken before the rest of it.
                guard backlog.isEmpty else { break }
                try step(consumer)
            }
            try finishInFlight(consumer)
            report.reachedEnd = isAtEnd
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
        isAssigned && backlog.isEmpty && configuration.mode == .untilEnd && progress.values.allSatisfy(\.isDone)
    }

    /// Pulls a batch and hands it to the writer, once the one before it is written and committed.
    private func step(_ consumer: Consumer) throws {
        let polled = try poll(consumer)
        guard !polled.isEmpty || !polled.nextOffsets.isEmpty else { return try finishInFlight(consumer) }
        let batch = assembler.assemble(polled)
        try checkLog(polled, batch)
        try finishInFlight(consumer)
        try write(batch)
    }

    private func poll(_ consumer: Consumer) throws -> RecordBatch {
        do {
            return try consumer.poll(
                recordsMax: configuration.batchRecords,
                waitMilliseconds: inFlight == nil ? 250 : configuration.idleMilliseconds,
                batchMilliseconds: configuration.batchMilliseconds, idleMilliseconds: configuration.idleMilliseconds)
        } catch let error as KafkaError where error.code == .offsetOutOfRange {
            // Retention was faster than the reading.
            guard let partition = error.topicPartition, let asked = error.offset,
                let available = error.availableOffsets,
                asked < available.lowerBound
            else { throw error }
            throw try lostRange(asked..<available.lowerBound, of: partition, available: available)
        }
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
    func finishInFlight(_ consumer: Consumer) throws {
        guard let batch = inFlight else { return }
        let counts = try batch.write.wait()
        inFlight = nil
        for (partition, offset) in batch.offsets {
            progress[partition]?.next = offset
            progress[partition]?.isNoted = true
        }
        try commit(batch.offsets, by: consumer)
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
            FaultPoint.offsetCommit.before()
            try consumer.commit(
                Dictionary(uniqueKeysWithValues: offsets.map { (TopicPartition(topic: topic, partition: $0), $1) }))
            FaultPoint.offsetCommit.after()
        } catch {
            guard error.meansPartitionsLost else { throw error }
            // Another member has them now and will read this batch again: harmless, and not ours to commit.
            logger.warning("commit refused", [("reason", LogValue(describing: error))])
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
}

extension KafkaError {
    /// The group has given this member's partitions to others.
    fileprivate var meansPartitionsLost: Bool {
        code == .illegalGeneration || code == .unknownMember || code == .rebalanceInProgress
    }
}
