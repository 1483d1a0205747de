internal import FaultPoints
internal import Kafka
internal import Telemetry

// The offsets of what is written, and of nothing else, go to Kafka.
extension Ingestion {
    /// Commits offsets, and those that could not be committed before. Brokers that do not answer are no reason to stop:
    /// the next batch tries again, and a start without them reads again what is known.
    func commit(_ offsets: [Int32: Int64], by consumer: Consumer, timeoutMilliseconds: Int? = nil) throws {
        wasRefused = false
        uncommitted.merge(offsets) { $1 }
        guard !uncommitted.isEmpty else { return }
        guard !consumer.isAssignmentLost else { return partitionsLost("the group gave the partitions to others") }
        let topic = configuration.topic
        do {
            FaultPoint.offsetCommit.before()
            try consumer.commit(
                Dictionary(
                    uniqueKeysWithValues: uncommitted.map { (TopicPartition(topic: topic, partition: $0), $1) }),
                timeoutMilliseconds: timeoutMilliseconds ?? patienceMilliseconds(consumer))
            FaultPoint.offsetCommit.after()
            uncommitted = [:]
        } catch {
            if error.meansPartitionsLost {
                partitionsLost(error.description)
            } else if error.code == .rebalanceInProgress {
                // The group wants the partitions back and will say so with the next poll.
                uncommitted = [:]
                logger.warning("commit refused", [("reason", LogValue(describing: error))])
            } else if error.meansTopicGone {
                uncommitted = [:]
                throw topicGone(error)
            } else if error.disposition == .retriable {
                nextCommit = now() + configuration.retryMilliseconds
                logger.warning("commit put off", [("reason", LogValue(describing: error))])
                tell(.waits(for: Outage.Part.kafka.rawValue, reason: error.description))
            } else {
                throw error
            }
        }
    }

    /// How long brokers may take for a commit. Who follows tries again with the next batch, and says soon what it waits
    /// for.
    private func patienceMilliseconds(_ consumer: Consumer) -> Int {
        let longest = consumer.maxPollIntervalMilliseconds / 2
        return configuration.mode == .follow ? min(5_000, longest) : longest
    }

    /// Tries again, now and then, what could not be committed while no batch comes.
    func commitAgain(_ consumer: Consumer, timeoutMilliseconds: Int? = nil) throws {
        guard !uncommitted.isEmpty, now() >= nextCommit else { return }
        try commit([:], by: consumer, timeoutMilliseconds: timeoutMilliseconds)
        if uncommitted.isEmpty, outage == nil, !isHeld { tell(.works) }
    }

    /// Who read to the end says that it is done: then the group has to know.
    func commitLast(_ consumer: Consumer) throws {
        guard !uncommitted.isEmpty, configuration.mode == .untilEnd else { return }
        try commit([:], by: consumer, timeoutMilliseconds: 30_000)
        guard !uncommitted.isEmpty else { return }
        throw KafkaError(
            .timedOut, operation: "commit the last offsets", reason: "all is written, but no broker took the offsets")
    }

    /// Another member has them now and will read this batch again: harmless, and not ours to commit. Nothing more of
    /// them is written either, until the group has said which partitions are ours.
    private func partitionsLost(_ reason: String) {
        uncommitted = [:]
        isHeld = true
        wasRefused = true
        logger.warning("commit refused", [("reason", .text(reason))])
    }
}

extension KafkaError {
    /// The group has given this member's partitions to others.
    fileprivate var meansPartitionsLost: Bool { code == .illegalGeneration || code == .unknownMember }
}
