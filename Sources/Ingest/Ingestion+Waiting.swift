internal import Kafka
internal import Telemetry
internal import Warehouse

// Waiting while the warehouse or a broker is out of order: polled on, so that the group keeps this member, but paused, so
// that nothing comes; then read again from where the warehouse says.
extension Ingestion {
    /// The error that no waiting mends, or that nobody has time to wait for, is thrown on.
    func waitOut(_ error: any Error) throws {
        var error = error
        if configuration.acceptsNewLog, Ingestion.meansOtherLog(error) {
            do { return try beginLog(because: error) } catch let failure { error = failure }
        }
        guard configuration.mode == .follow, let part = Outage.Part(error) else { throw error }
        if outage == nil {
            outage = Outage(
                part, now: now(), pauseMin: configuration.retryMilliseconds,
                pauseMax: configuration.retryMillisecondsMax)
            logger.warning(
                "waiting",
                [
                    ("for", .text(part.rawValue)), ("reason", LogValue(describing: String(describing: error))),
                    ("meanwhile", "nothing is read and nothing committed; it goes on by itself"),
                ])
        } else {
            outage?.failedAgain(part, now: now())
            logger.debug(
                "still waiting",
                [("for", .text(part.rawValue)), ("reason", LogValue(describing: String(describing: error)))])
        }
        tell(.waits(for: part.rawValue, reason: String(describing: error)))
        if part == .topic { hasLostTopic = true }
        isHeld = true
    }

    /// A batch was written and committed: what was waited for is over.
    func endOutage() {
        guard let outage else { return }
        self.outage = nil
        logger.warning(
            "waited", [("for", .text(outage.part.rawValue)), ("seconds", LogValue(outage.seconds(until: now())))])
    }

    /// Serves the group while nothing is read, and goes on once that is possible.
    func hold(_ consumer: Consumer) throws {
        try pause(consumer)
        var wait = Ingestion.holdMilliseconds
        if let outage { wait = min(wait, max(0, outage.nextTry - now())) }
        if let inFlight {
            wait = 0
            _ = inFlight.write.wait(milliseconds: Ingestion.holdMilliseconds)
        }
        // What comes nevertheless, of partitions that were just assigned, is read again: reading goes on from elsewhere.
        _ = try poll(consumer, waitMilliseconds: isSettled ? wait : 0)
        try pause(consumer)
        if let inFlight, inFlight.write.wait(milliseconds: 0) == nil { return }
        try finishInFlight(consumer)
        if let outage, now() < outage.nextTry { return }
        try goOn(consumer)
    }

    /// Whether nothing but time is waited for.
    private var isSettled: Bool { inFlight == nil && outage != nil }

    /// Pauses what is assigned; once, until the group moves partitions.
    func pause(_ consumer: Consumer) throws {
        guard pausedAt != consumer.rebalances else { return }
        try consumer.pause(consumer.assignedPartitions)
        pausedAt = consumer.rebalances
    }

    /// As at a new assignment: the warehouse may be another state of itself, and what was fetched ahead is gone.
    private func goOn(_ consumer: Consumer) throws {
        if hasLostTopic {
            // A consumer that has seen its topic go need not see another one come.
            _ = try available(TopicPartition(topic: configuration.topic, partition: 0))
            isStale = true
            return
        }
        guard try isStillMember(consumer) else { return }
        if outage?.part == .warehouse {
            try writer.reopen()
            try checkLogNumber()
        }
        breaker = try storedBreaker()
        // The ods that is there now may be an older one, and a write that failed may have withdrawn sales before it did.
        (restoration, mayHaveWithdrawn) = (nil, true)
        backlog = []
        let starts = try decide(consumer.assignedPartitions, by: consumer)
        pausedAt = nil
        try consumer.restart(starts)
        isHeld = false
        // Both were asked just now. Whether the warehouse takes a batch, the next one tells, be it the
        // end of a partition.
        if outage?.part != .warehouse { tell(.works) }
    }

    /// Tells a change, once.
    func tell(_ health: Health) {
        guard health != self.health else { return }
        self.health = health
        didChange(health)
    }

    /// The book of logs may have been replaced by another one.
    private func checkLogNumber() throws {
        var present: Int64?
        do {
            present = try logs.log(ofTopic: configuration.topic, cluster: configuration.cluster, startNew: false)
        } catch {
            guard Ingestion.meansOtherLog(error) else { throw error }
        }
        guard present != log else { return }
        throw IngestError(
            code: .otherWarehouse,
            reason: "the warehouse that came back is another one: it knows this topic "
                + (present.map { "as log \($0)" } ?? "from another cluster"),
            place: "\(configuration.topic), log \(log)",
            remedy: "check warehouse.url; to go on with the one that is there now, start again")
    }
}
