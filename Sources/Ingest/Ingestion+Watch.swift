internal import Kafka
internal import Telemetry
internal import Warehouse

// A topic can be deleted, made anew or cut off while it is being read. The running consumer need not notice: it may get
// nothing more, or go on at its offset in the other topic. So the topic is looked at now and then, by a client of its own.
extension Ingestion {
    /// How long nothing must have come before the topic is looked at, and how long records may come before they are
    /// proven anew to be of the log that was read before.
    static let lookMilliseconds = 10_000
    /// The first batch after a silence of this length is proven at once: a topic is not made anew and filled without one.
    static let silenceMilliseconds = 1_000
    /// How long is waited at most between looks that are in vain: each time twice as long as before.
    static let patienceMillisecondsMax = 60_000

    /// Asked for each batch in hand, before any of it is written: what the topic holds of the log's past *after* the
    /// batch has come proves that the batch is of that log as well.
    func proveLog() throws {
        let silence = now() - lastRead
        lastRead = now()
        patience = Ingestion.lookMilliseconds
        let interval =
            silence < Ingestion.silenceMilliseconds ? Ingestion.lookMilliseconds : Ingestion.silenceMilliseconds
        if let lastLook, now() - lastLook < interval { return }
        try look { try compareWithPast($0) }
    }

    /// Asked while nothing comes: whether there is nothing to come.
    func watchTopic() throws {
        guard now() - max(lastRead, lastLook ?? lastRead) >= patience else { return }
        try look { probe in
            try checkPlaces(probe)
            if !isHeld { try compareWithPast(probe) }
        }
    }

    /// - Throws: `.topicGone`; no other trouble with the brokers, which is met and told where records are read.
    private func look(_ body: (LogProbe) throws -> Void) throws {
        guard let cluster else { return }
        let start = now()
        lastLook = start
        do {
            // Its connections are kept while its answers come; whatever goes wrong, the next look is another's.
            let probe = try self.probe ?? LogProbe(cluster)
            self.probe = nil
            try body(probe)
            self.probe = probe
            if outage == nil, uncommitted.isEmpty { tell(.works) }
        } catch let error as KafkaError {
            if error.meansTopicGone { throw topicGone(error) }
            if error.code == .offsetOutOfRange {
                isHeld = true
            } else {
                tell(.waits(for: Outage.Part.kafka.rawValue, reason: error.description))
            }
            losePatience()
            logger.debug("topic not looked at", [("reason", LogValue(describing: error))])
        }
        // Later by what it took: a slow broker is not asked more often than a fast one.
        lastLook = now()
        logger.debug("topic looked at", [("milliseconds", LogValue(now() - start))])
    }

    private func losePatience() { patience = min(2 * patience, Ingestion.patienceMillisecondsMax) }

    /// Whether the reading stands where the topic has it stand. Else it is decided anew where to read.
    private func checkPlaces(_ probe: LogProbe) throws {
        guard !progress.isEmpty else {
            // Nothing is ours; the topic might be gone.
            _ = try probe.range(of: TopicPartition(topic: configuration.topic, partition: 0))
            return
        }
        for (number, partition) in progress {
            let range = try probe.range(of: TopicPartition(topic: configuration.topic, partition: number))
            if partition.next > range.upperBound || partition.next < range.lowerBound {
                isHeld = true
            } else if partition.next < range.upperBound {
                // It may have come in this moment; but not twice.
                if overdue[number] == partition.next { isStale = true }
                overdue[number] = partition.next
            }
        }
        if isStale {
            losePatience()
            logger.warning(
                "consumer made anew", [("reason", "there are records that it is not given, and no error either")])
        }
    }

    /// Compares with raw the oldest record that both have, and the one that was the last at the look before.
    private func compareWithPast(_ probe: LogProbe) throws {
        let last = try writer.storedPositions(log: log).mapValues(\.lastRawRecord)
        var oldest: [TopicPartition: Int64] = [:]
        var newest: [TopicPartition: Int64] = [:]
        for (number, partition) in progress where partition.isProven {
            guard let end = last[number]??.advanced(by: 1) else { continue }
            let place = TopicPartition(topic: configuration.topic, partition: number)
            let low = try probe.range(of: place).lowerBound
            guard low < end else { continue }
            let kept = try writer.rawRecords(log: log, partition: number, offsets: low..<end, recordsMax: 1)
            oldest[place] = kept.records.first?.offset
            if let anchor = anchors[number], anchor >= low { newest[place] = anchor }
        }
        try compare(oldest, probe)
        try compare(newest, probe)
        anchors = last.compactMapValues { $0 }
    }

    private func compare(_ places: [TopicPartition: Int64], _ probe: LogProbe) throws {
        guard !places.isEmpty else { return }
        var open = places.reduce(into: [Int32: Int64]()) { $0[$1.key.partition] = $1.value }
        try probe.read(from: places) { polled in
            let batch = assembler.assemble(polled, of: Array(open.keys))
            for record in batch.records {
                guard let offset = open.removeValue(forKey: record.partition) else { continue }
                guard record.offset == offset else { throw missing(offset, of: record.partition) }
                try compareWithRaw(record)
            }
            // The end came first: the record is not there.
            for number in batch.nextOffsets.keys {
                if let offset = open.removeValue(forKey: number) { throw missing(offset, of: number) }
            }
        }
    }

    /// Gives the partitions back; another consumer goes on.
    func leave(_ consumer: Consumer) throws {
        do {
            try consumer.close()
        } catch {
            try waitOut(error)
        }
    }

    private func missing(_ offset: Int64, of partition: Int32) -> IngestError {
        otherLog(partition, "record \(offset), which was read, is not there")
    }

    func topicGone(_ error: KafkaError) -> IngestError {
        IngestError(
            code: .topicGone, reason: "the topic is not there: \(error.code)", place: configuration.topic,
            remedy: "if it was deleted by mistake, create it again with: retailflow topics apply")
    }
}
