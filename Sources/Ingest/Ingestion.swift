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
    let configuration: IngestConfiguration
    let writer: any SalesWriter
    let logs: any LogLedger
    let logger: Logger
    private let stop: StopSignal
    let timeZone: RetailTimeZone
    private let onBatch: @Sendable (BatchReport) -> Void
    let didChange: @Sendable (Health) -> Void
    /// What was told of it last.
    var health: Health?
    let endOfLog: (TopicPartition) throws -> Range<Int64>
    var log: Int64
    var assembler: BatchAssembler
    let now: () -> Int
    var breaker: RejectBreaker
    var progress: [Int32: PartitionProgress] = [:]
    /// Whether the group has said which partitions are ours, and has not taken them all away since.
    var isAssigned = false
    var backlog: [(partition: Int32, offsets: Range<Int64>)] = []
    var inFlight: InFlight?
    /// Written, and not yet committed to Kafka because no broker took it.
    var uncommitted: [Int32: Int64] = [:]
    var nextCommit = 0
    /// Whether the group refused the last commit because the partitions are another's.
    var wasRefused = false
    /// What is waited for.
    var outage: Outage?
    /// Nothing is taken from Kafka until it is decided anew where to read.
    var isHeld = false
    /// The consumer's count of rebalances when its partitions were paused; nil while they are not.
    var pausedAt: Int?
    /// Whether a sale may have been withdrawn since it was looked for older content of such sales last.
    var mayHaveWithdrawn = true
    var restoration: SaleRestoration?
    /// When a part of raw was searched last.
    var lastRestored = 0
    /// When the last poll ended.
    var lastPolled: Int?
    /// Whether this process slept for so long that the group may have forgotten it.
    var hasSlept = false
    /// The brokers, once it runs.
    var cluster: KafkaConfiguration?
    /// What looks at the topic, once it has.
    var probe: LogProbe?
    /// When the last batch came, and when the topic was last looked at; nil: not since it was decided where to read.
    var lastRead = 0
    var lastLook: Int?
    /// How long nothing must have come before the topic is looked at.
    var patience = Ingestion.lookMilliseconds
    /// For each partition the last record that raw had when the topic was last looked at.
    var anchors: [Int32: Int64] = [:]
    /// Where partitions stood that had more at the last look.
    var overdue: [Int32: Int64] = [:]
    /// Whether the consumer has been told that the topic is gone.
    var hasLostTopic = false
    /// Whether another consumer must go on.
    var isStale = false
    /// Says that another member has taken the place of this one in the group.
    var fencing: KafkaError?
    /// Since when all that is ours has been read while others hold partitions, and how long they are waited for.
    var doneSince: Int?
    var othersMilliseconds = 0
    var report = IngestReport()

    /// How long the group is left unserved at most while nothing is read.
    static let holdMilliseconds = 100
    /// How long a write may take before nothing more is read until it is done.
    private static let graceMillisecondsMax = 10_000

    /// A batch that is being written.
    struct InFlight {
        let write: BatchWrite
        let records: Int
        let bytes: Int
        var offsets: [Int32: Int64]
        var partitions: [Int32: Int] = [:]
        var refusals: [ValidationReason.Code: Int] = [:]
    }

    /// - Parameters:
    ///   - endOfLog: the partition's first offset, and the one behind its last record, open transactions counted.
    ///   - now: milliseconds of a clock that only goes forward.
    ///   - onBatch: told of each batch that was written and committed.
    ///   - didChange: told what is waited for, and that all is well again.
    /// - Throws: `WarehouseError`; `.otherLog` when the topic belongs to another cluster than was read before and no
    ///   other log is allowed.
    package init(
        _ configuration: IngestConfiguration, writer: any SalesWriter, logs: any LogLedger, timeZone: RetailTimeZone,
        logger: Logger, stop: StopSignal, endOfLog: @escaping (TopicPartition) throws -> Range<Int64>,
        now: @escaping () -> Int = { Int(DispatchTime.now().uptimeNanoseconds / 1_000_000) },
        onBatch: @escaping @Sendable (BatchReport) -> Void = { _ in },
        didChange: @escaping @Sendable (Health) -> Void = { _ in }
    ) throws {
        self.configuration = configuration
        self.writer = writer
        self.logs = logs
        self.logger = logger
        self.stop = stop
        self.timeZone = timeZone
        self.endOfLog = endOfLog
        self.now = now
        self.onBatch = onBatch
        self.didChange = didChange
        log = try Ingestion.knownLog(configuration, logs)
        assembler = BatchAssembler(timeZone: timeZone, log: log, topic: configuration.topic)
        breaker = RejectBreaker()
        breaker = try storedBreaker()
    }

    /// As the last batch that was written left it.
    func storedBreaker() throws -> RejectBreaker {
        configuration.acceptsRejects ? RejectBreaker() : RejectBreaker(json: try writer.breakerState())
    }

    /// Reads until the end, or until it is told to stop. Blocking.
    ///
    /// - Throws: `KafkaError`, `WarehouseError`, `IngestError`; of these, when it follows, no outage, which it waits for.
    ///   Nothing is lost: what was not committed is read again.
    package func run(_ consumerConfiguration: ConsumerConfiguration) throws -> IngestReport {
        cluster = consumerConfiguration.cluster
        defer { probe = nil }
        repeat {
            if let fencing { try outlast(fencing, as: consumerConfiguration) }
            (isStale, hasLostTopic, overdue, pausedAt) = (false, false, [:], nil)
            try read(by: Consumer(consumerConfiguration, rebalanceHandler: self))
        } while isStale && !isStopped
        return report
    }

    /// Until the end, or it is told to stop, or another consumer must go on.
    private func read(by consumer: Consumer) throws {
        stop.attach(consumer.waker)
        othersMilliseconds = consumer.sessionTimeoutMilliseconds + Ingestion.settlingMilliseconds
        do {
            try consumer.subscribe([configuration.topic])
            while !isStopped && !isStale && !(isAtEnd && mayEnd()) { try advance(consumer) }
            if isStale { return try leave(consumer) }
            try settle(consumer)
            try restoreAll(consumer)
            report.reachedEnd = isAtEnd
            try commitLast(consumer)
        } catch {
            // The group is left in order. What is being written keeps the memory of its records by itself.
            if let inFlight, inFlight.write.wait(milliseconds: budgetMilliseconds(consumer)) == nil {
                writer.interrupt()
            }
            inFlight = nil
            try? consumer.close()
            guard isFencing(error) else { throw error }
            return
        }
        try consumer.close()
    }

    var isStopped: Bool { stop.isStopped }

    private var isAtEnd: Bool {
        isAssigned && !isHeld && backlog.isEmpty && configuration.mode == .untilEnd
            && progress.values.allSatisfy(\.isDone)
    }

    /// One step on, of reading or of waiting.
    func advance(_ consumer: Consumer) throws {
        do {
            if isHeld { return try hold(consumer) }
            try writeBacklog(consumer)
            // Told to stop or to wait on the way: nothing newer may be taken before the rest of it.
            if backlog.isEmpty, !isHeld { try step(consumer) }
        } catch {
            try waitOut(error)
        }
    }

    /// Pulls a batch and hands it to the writer, once the one before it is written and committed.
    private func step(_ consumer: Consumer) throws {
        let polled = try poll(consumer, waitMilliseconds: inFlight == nil ? 250 : configuration.idleMilliseconds)
        guard !isHeld, let polled else { return }
        guard !polled.isEmpty || !polled.nextOffsets.isEmpty else {
            guard isWritten(consumer) else { return }
            try finishInFlight(consumer)
            try restoreSome(consumer)
            try watchTopic()
            return try commitAgain(consumer)
        }
        let batch = assembler.assemble(polled, of: progress.keys)
        try checkLog(polled, batch)
        try proveLog()
        guard isWritten(consumer) else { return }
        try finishInFlight(consumer)
        try restoreBetweenBatches(consumer)
        // The commit may have been told that the partitions have gone: then this batch is not ours to write.
        guard !isHeld, !batch.nextOffsets.isEmpty, !mayBeForgotten(consumer) else { return }
        try write(batch)
    }

    /// Whether the batch in hand is written. One that takes long is waited for while the group is served; what was
    /// pulled meanwhile is pulled again.
    private func isWritten(_ consumer: Consumer) -> Bool {
        guard let inFlight else { return true }
        let grace = min(Ingestion.graceMillisecondsMax, budgetMilliseconds(consumer))
        if inFlight.write.wait(milliseconds: grace) == nil { isHeld = true }
        return !isHeld
    }

    /// nil when there is nothing to go on with, for a reason that is dealt with.
    func poll(_ consumer: Consumer, waitMilliseconds: Int) throws -> RecordBatch? {
        defer { lastPolled = now() }
        do {
            return try consumer.poll(
                recordsMax: configuration.batchRecords, waitMilliseconds: waitMilliseconds,
                batchMilliseconds: configuration.batchMilliseconds, idleMilliseconds: configuration.idleMilliseconds)
        } catch let error as KafkaError {
            if error.code == .offsetOutOfRange {
                // Retention was faster than the reading, or the topic is another one: the decision where to start
                // tells.
                isHeld = true
                return nil
            }
            if error.meansTopicGone { throw topicGone(error) }
            guard configuration.mode == .follow, error.disposition == .retriable else { throw error }
            logger.warning("Kafka out of order", [("reason", LogValue(describing: error))])
            tell(.waits(for: Outage.Part.kafka.rawValue, reason: error.description))
            return nil
        }
    }

    private func write(_ batch: IngestBatch) throws {
        var batch = batch
        let before = breaker
        try checkRejects(of: batch)
        // Where rejects are accepted the state that stopped it before is overwritten.
        if configuration.acceptsRejects || breaker != before { batch.breakerState = breaker.json }
        inFlight = InFlight(
            write: writer.write(batch), records: batch.records.count,
            bytes: batch.records.reduce(0) { $0 + ($1.payload?.count ?? 0) },
            offsets: batch.nextOffsets,
            partitions: batch.records.reduce(into: [:]) { $0[$1.partition, default: 0] += 1 },
            refusals: batch.sales.refusals.reduce(into: [:]) { counts, refusal in
                if let reason = refusal.reasons.first { counts[reason.code, default: 0] += 1 }
            })
    }

    /// Waits for the batch being written and commits its offsets, of the partitions that are still ours.
    func finishInFlight(_ consumer: Consumer, timeoutMilliseconds: Int? = nil) throws {
        guard let batch = inFlight else { return }
        inFlight = nil
        let counts = try batch.write.wait()
        for (partition, offset) in batch.offsets { progress[partition]?.advance(to: offset) }
        let offsets = batch.offsets.filter { $1 >= progress[$0]?.wanted ?? 0 }
        try commit(offsets, by: consumer, timeoutMilliseconds: timeoutMilliseconds)
        endOutage()
        report.records += batch.records
        report.batches += 1
        report.counts += counts
        if counts.ods.withdrawn > 0 { mayHaveWithdrawn = true }
        if uncommitted.isEmpty { tell(.works) }
        onBatch(
            BatchReport(
                records: batch.records, bytes: batch.bytes, counts: counts, partitions: batch.partitions,
                refusals: batch.refusals))
        logger.debug(
            "batch written",
            [
                ("records", LogValue(batch.records)), ("raw_new", LogValue(counts.raw.inserted)),
                ("sales_new", LogValue(counts.ods.inserted)), ("sales_changed", LogValue(counts.ods.changed)),
                ("rejects_new", LogValue(counts.ods.newRejects)),
            ])
    }
}
