internal import FaultPoints
internal import Kafka
internal import RetailAPI
internal import Telemetry
internal import Warehouse

// Extraction as long as one producer lives.
extension SalesExtraction {
    private enum Ending: Sendable {
        case fetched(ExtractReport, (any Error)?)
        case published
    }

    func session(_ memory: inout SessionMemory, _ stop: StopFlag) async throws -> ExtractReport {
        let (plan, worker, configuration, found) = try await prepare(memory, stop)
        (memory.cursorKey, memory.found) = (plan.cursorKey, found)
        memory.wait.answers()
        logger.info("extraction begins", [("plan", LogValue(describing: plan))])
        let queue = PageQueue<Publication>(elementsMax: configuration.transactionPagesMax)
        var failure: (any Error)?
        await withTaskGroup(of: Result<Ending, any Error>.self) { group in
            group.addTask {
                defer { queue.finish() }
                var fetcher = SalesFetcher(
                    configuration, api: api.accepting(saleBytesMax: configuration.saleBytesMax), clock: clock,
                    known: known, timeZone: timeZone, logger: logger,
                    repaired: RepairedPages(cluster, stateTopic: configuration.stateTopic), queue: queue,
                    didResweep: didResweep, didChange: didChange)
                do {
                    try await fetcher.run(plan)
                    return .success(.fetched(fetcher.report, nil))
                } catch {
                    return .success(.fetched(fetcher.report, error))
                }
            }
            group.addTask {
                defer { queue.finish() }
                do {
                    try await publish(from: queue, by: worker)
                    return .success(.published)
                } catch {
                    return .failure(error)
                }
            }
            for await result in group {
                switch result {
                case .success(.fetched(let report, let error)):
                    memory.report.add(report)
                    failure = failure ?? error
                case .success(.published): break
                case .failure(let error):
                    // It goes before what the other task says of its being cancelled.
                    failure = error
                    group.cancelAll()
                }
            }
        }
        let (published, committed, pending) = try await worker.perform { ($0.report, $0.cursor, $0.pending) }
        if published.transactions > 0 { memory.wait.forget() }
        (memory.committed, memory.pending) = (committed, pending)
        memory.report.add(published)
        if let failure { throw failure }
        return memory.report
    }

    private func publish(from queue: PageQueue<Publication>, by worker: SerialWorker<SalesPublisher>) async throws {
        while var waiting = await queue.receive(max: configuration.transactionPagesMax)?[...] {
            while !waiting.isEmpty {
                let group = waiting.prefix(bytesMax: configuration.transactionBytesMax)
                waiting = waiting.dropFirst(group.count)
                try await willPublish(group.reduce(0) { $0 + $1.bytes })
                try await worker.perform { try $0.publish(group) }
                didPublish(group.count, group.reduce(0) { $0 + $1.rows.count })
            }
        }
    }

    /// Decides which walk this is and takes its cursor over.
    ///
    /// A backfill must not take over the follower's cursor, so where a start was asked for the cursors are looked at
    /// first; a follower reads them once whoever had its id before is fenced. Where this process begins anew, a cursor that somebody
    /// else has moved meanwhile says that this one was replaced.
    private func prepare(
        _ memory: SessionMemory, _ stop: StopFlag
    ) async throws -> (ExtractPlan, SerialWorker<SalesPublisher>, ExtractConfiguration, found: ExtractCursor?) {
        let setup = SerialWorker(label: "retailflow.extract.setup", state: ())
        let (configuration, cluster, known, logger) = (configuration, cluster, known, logger)
        let (willBegin, now) = (willBegin, clock.nowMicroseconds)
        return try await setup.performAbandoning { _ in
            var configuration = configuration
            if let bytes = try willBegin() { configuration.recordBytesMax = bytes }
            let reader = CursorReader(cluster, topic: configuration.stateTopic)
            let ingested = try known?.lowestOfHighestIDs(topic: configuration.topic)
            func plan(_ cursors: [String: ExtractCursor]) -> ExtractPlan {
                // What was asked for has begun: from here on its cursor leads.
                let hasBegun =
                    memory.cursorKey == ExtractPlan.followerKey && cursors[ExtractPlan.followerKey] != nil
                return ExtractPlan(
                    requested: hasBegun ? nil : configuration.start, cursors: cursors, lowestOfHighestIDs: ingested,
                    overlapSales: configuration.overlapSales, defaultStart: configuration.defaultStart)
            }
            // Without a start that was asked for it is the follower's walk, whatever the cursors say. They can't be read
            // while an extractor that died has a transaction open; taking over ends that at once.
            let isFollower = configuration.start == nil && memory.committed == nil
            let cursors = isFollower ? [:] : try reader.read().cursors
            var decided = plan(cursors)
            let key = memory.cursorKey ?? decided.cursorKey
            if memory.committed != nil, let found = cursors[key], !memory.mayHaveLeft(found) {
                throw ExtractError(
                    code: .fenced, reason: "another extractor has moved the cursor (\(key)) on meanwhile",
                    remedy: "nothing was lost; let only one of them run")
            }
            if stop.isSet { throw CancellationError() }
            let producer = try Producer(
                ProducerConfiguration(
                    cluster, transactionalID: "\(configuration.stateTopic).\(key)",
                    properties: configuration.producerProperties))
            try SalesExtraction.takeOver(producer, stop)
            // Only what was committed before the take-over counts from here on.
            let state = try reader.read()
            if case .backfill = decided {
            } else {
                let again = plan(state.cursors)
                if again.cursorKey == key {
                    decided = again
                } else if let cursor = state.cursors[ExtractPlan.followerKey] {
                    decided = .resume(cursor)
                }
            }
            var cursor = decided.cursor
            // Of a walk that begins nothing is old yet.
            if case .begin = decided, configuration.resweepIsDue != nil { cursor.resweepAt = now() }
            let publisher = SalesPublisher(
                configuration, producer: producer, cursorKey: key, cursor: cursor,
                hours: state.hours[key] ?? [:], logger: logger,
                isStopping: { stop.isSet })
            return (
                decided, SerialWorker(label: "retailflow.extract.publisher", state: publisher), configuration,
                state.cursors[key]
            )
        }
    }

    /// Fences whoever had the producer's transactional id before.
    static func takeOver(_ producer: Producer, _ stop: StopFlag = StopFlag()) throws {
        try FaultPoint.extractTakeOver.around { () throws(KafkaError) in
            for tries in 1...12 {
                do throws(KafkaError) {
                    return try producer.initTransactions(timeoutMilliseconds: 10_000)
                } catch {
                    guard error.disposition == .retriable && tries < 12 && !stop.isSet else { throw error }
                }
            }
        }
    }
}

extension ArraySlice<Publication> {
    /// The longest beginning whose rows have at most so many bytes, and at least one page.
    fileprivate func prefix(bytesMax: Int) -> [Publication] {
        var bytes = 0
        return Array(
            prefix { publication in
                defer { bytes += publication.bytes }
                return bytes == 0 || bytes + publication.bytes <= bytesMax
            })
    }
}
