internal import Kafka
internal import Warehouse

/// Something that is out of order and waited for, and when it is tried next: soon at first, then each time after twice
/// as long.
struct Outage: Sendable {
    /// What is out of order.
    enum Part: String, Sendable {
        case warehouse, kafka, topic

        /// nil: no waiting mends this error.
        init?(_ error: any Error) {
            switch error {
            case let error as WarehouseError where error.isOutage: self = .warehouse
            case let error as IngestError where error.code == .topicGone: self = .topic
            case let error as KafkaError where error.disposition == .retriable: self = .kafka
            default: return nil
            }
        }
    }

    private(set) var part: Part
    private(set) var nextTry: Int
    private var pause: Int
    private let since: Int
    private let pauseMax: Int

    /// - Parameters:
    ///   - now: milliseconds of a clock that only goes forward.
    ///   - pauseMin, pauseMax: the first wait, and the longest, in milliseconds.
    init(_ part: Part, now: Int, pauseMin: Int, pauseMax: Int) {
        self.part = part
        self.pauseMax = pauseMax
        pause = min(pauseMin, pauseMax)
        since = now
        nextTry = now + pause
    }

    /// It was tried and failed.
    mutating func failedAgain(_ part: Part, now: Int) {
        self.part = part
        pause = min(2 * pause, pauseMax)
        nextTry = now + pause
    }

    func seconds(until now: Int) -> Int { (now - since) / 1_000 }
}
