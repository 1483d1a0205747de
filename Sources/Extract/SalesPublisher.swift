internal import FaultPoints
internal import Foundation
internal import Kafka
internal import RetailAPI
internal import Telemetry

/// Publishes pages: the records of one or several pages and the cursor behind them, in one Kafka transaction.
///
/// Owned by one queue; its calls block.
final class SalesPublisher {
    private let configuration: ExtractConfiguration
    private let producer: Producer
    private let cursorKey: String
    private let logger: Logger
    private let isStopping: @Sendable () -> Bool
    private var began = ContinuousClock.now
    private(set) var cursor: ExtractCursor
    /// How many records of which hour were published under this cursor's key, since it was first used.
    private var hours: HourCounts
    /// What a commit was begun for whose outcome is not known.
    private(set) var pending: ExtractCursor?
    private(set) var report = ExtractReport()

    /// How long one call to the coordinator may take before it is tried again.
    private static let timeoutMilliseconds = 5_000
    /// How often the coordinator is asked again, and how often a transaction that it gave up is published anew.
    private static let triesMax = 12

    /// - Parameters:
    ///   - producer: transactional, initialized: whoever had its id before is fenced.
    ///   - cursor: what was committed last, and `hours` the counts that were.
    ///   - isStopping: whether to give up where otherwise the coordinator would be asked again.
    init(
        _ configuration: ExtractConfiguration, producer: Producer, cursorKey: String, cursor: ExtractCursor,
        hours: HourCounts, logger: Logger, isStopping: @escaping @Sendable () -> Bool = { false }
    ) {
        self.configuration = configuration
        self.producer = producer
        self.cursorKey = cursorKey
        self.cursor = cursor
        self.hours = hours
        self.logger = logger
        self.isStopping = isStopping
    }

    /// Publishes pages in one transaction. When the coordinator gives it up, it is aborted and published anew, from
    /// the cursor committed last.
    ///
    /// - Throws: `ExtractError.fenced` when another extractor took over, `transactionExpired` when the coordinator
    ///   ended a transaction that took too long; `KafkaError` when Kafka refuses for good.
    func publish(_ publications: [Publication]) throws {
        var tries = 1
        while true {
            do {
                let next = try attempt(publications)
                count(publications, next)
                return
            } catch let error as KafkaError {
                guard error.disposition != .fenced else { throw fenced(error) }
                guard error.disposition != .fatal else { throw error }
                // What was sent may have been committed: only the cursor can tell.
                guard pending == nil || error.disposition == .abortable else { throw error }
                let mayTryAgain = error.disposition != .other && tries < SalesPublisher.triesMax && !isStopping()
                guard mayTryAgain else { throw givingUp(error) }
                logger.warning(
                    "transaction aborted", [("reason", LogValue(describing: error)), ("try", LogValue(tries))])
                try abort()
                tries += 1
            }
        }
    }

    private func abort() throws {
        do {
            try FaultPoint.extractAbort.around {
                try retrying { try producer.abortTransaction(timeoutMilliseconds: $0) }
            }
            pending = nil
        } catch let error as KafkaError where error.disposition == .fenced {
            throw fenced(error)
        }
    }

    /// librdkafka calls it fencing too when the coordinator ended a transaction that was open for too long, because
    /// it raises the epoch for that as well. Only the time tells the two apart.
    private func fenced(_ error: KafkaError) -> ExtractError {
        if ContinuousClock.now - began >= .milliseconds(configuration.transactionMilliseconds) {
            return ExtractError(
                code: .transactionExpired, reason: "the coordinator has ended a transaction that was open for too long",
                remedy: "nothing was lost; extraction goes on from its cursor")
        }
        return ExtractError(
            code: .fenced, reason: "another extractor with the same cursor (\(cursorKey)) took over",
            remedy: "nothing was lost; let only one of them run")
    }

    /// Ends a transaction that is not tried again, so that it does not hold readers back until it times out.
    private func givingUp(_ error: KafkaError) -> KafkaError {
        do {
            try producer.abortTransaction(timeoutMilliseconds: SalesPublisher.timeoutMilliseconds)
        } catch let failure {
            logger.warning("transaction left open", [("reason", LogValue(describing: failure))])
        }
        return error
    }

    private func attempt(_ publications: [Publication]) throws -> (ExtractCursor, HourCounts) {
        began = .now
        try producer.beginTransaction()
        let next: (ExtractCursor, HourCounts)
        do {
            next = try enqueue(publications)
        } catch let error as KafkaError where error.code == .state {
            // The transaction has failed meanwhile. Its commit, which can't succeed any more, tells why.
            try producer.commitTransaction(timeoutMilliseconds: SalesPublisher.timeoutMilliseconds)
            throw error
        }
        pending = next.0
        try FaultPoint.extractCommit.around {
            try retrying { try producer.commitTransaction(timeoutMilliseconds: $0) }
        }
        return next
    }

    /// The records of the pages, the cursor behind them, and the counts of the hours that they are of.
    private func enqueue(_ publications: [Publication]) throws -> (ExtractCursor, HourCounts) {
        var (next, counts) = (cursor, hours)
        for publication in publications {
            next.version = max(next.version + 1, publication.page.page.answeredAtMicroseconds)
            try FaultPoint.extractSend.around { try enqueue(publication, version: next.version) }
            counts.add(records: publication.rows.count, version: next.version)
            next.records += Int64(publication.rows.count)
            next.pages += 1
            if let lastID = publication.lastID { next.lastID = max(next.lastID, lastID) }
            if let resweepAt = publication.resweepAt { next.resweepAt = resweepAt }
        }
        try FaultPoint.extractCursor.around {
            try enqueueState(key: cursorKey, try next.json())
            for (hour, count) in counts where count != hours[hour] {
                try enqueueState(key: ExtractState.key(ofWalk: cursorKey, hour: hour), try count.json())
            }
        }
        return (next, counts)
    }

    private func enqueueState(key: String, _ value: [UInt8]) throws {
        try producer.enqueue(topic: configuration.stateTopic, partition: 0, key: Array(key.utf8), value: value)
    }

    private func count(_ publications: [Publication], _ next: (ExtractCursor, HourCounts)) {
        (cursor, hours) = next
        pending = nil
        report.transactions += 1
        report.pages += publications.count
        report.records += publications.reduce(0) { $0 + $1.rows.count }
    }

    /// One record for each row, its bytes as served, keyed by its sale. A row without a usable id has no key and goes
    /// where its neighbour went.
    private func enqueue(_ publication: Publication, version: Int64) throws {
        let page = publication.page.page
        let headers = RecordHeaders(text: [
            "version": String(version), "source_file": page.fileName,
            "extracted_at": String(page.answeredAtMicroseconds), "schema_version": "1",
        ])
        try page.body.withUnsafeBytes { body in
            let rows = publication.page.rows
            for index in publication.rows {
                let value = UnsafeRawBufferPointer(rebasing: body[rows[index].bytes])
                guard let id = rows[index].id else {
                    // The neighbour may be the page's first row, which an earlier page has brought already.
                    let neighbour = try rows[..<index].last { $0.id != nil }?.id.map { try partition(of: $0) }
                    try producer.enqueue(
                        topic: configuration.topic, partition: neighbour ?? 0, key: nil, value: value,
                        headers: headers)
                    continue
                }
                try withDecimal(id) { key in
                    try producer.enqueue(
                        topic: configuration.topic,
                        partition: try producer.partition(forKey: key, of: configuration.topic), key: key,
                        value: value, headers: headers)
                }
            }
        }
    }

    private func partition(of sale: Int64) throws -> Int32 {
        try withDecimal(sale) { try producer.partition(forKey: $0, of: configuration.topic) }
    }

    /// Calls the coordinator again as long as it says that it may be asked again.
    private func retrying(_ call: (_ timeoutMilliseconds: Int) throws -> Void) throws {
        var tries = 1
        while true {
            do {
                return try call(SalesPublisher.timeoutMilliseconds)
            } catch let error as KafkaError
                where error.disposition == .retriable && tries < SalesPublisher.triesMax && !isStopping()
            {
                tries += 1
            }
        }
    }
}

/// Lends the decimal digits of a number.
private func withDecimal<Result>(
    _ number: Int64, _ body: (UnsafeRawBufferPointer) throws -> Result
) rethrows -> Result {
    var text = String(number)
    return try text.withUTF8 { try body(UnsafeRawBufferPointer($0)) }
}
