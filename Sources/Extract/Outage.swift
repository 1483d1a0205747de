internal import Kafka
internal import RetailAPI
internal import Warehouse

/// An error that may pass by itself: something that extraction needs can't be reached, or refuses.
struct Outage: Sendable, Hashable {
    /// What does not answer: `API`, `Kafka` or `warehouse`.
    let part: String
    /// A short word for how.
    let code: String
    let reason: String

    /// - Returns: nil for what does not pass by itself: a bug, a setting, another extractor, a cursor of another program.
    init?(_ error: any Error) {
        switch error {
        case let error as RetailAPIError where error.code != .configuration:
            (part, code) = ("API", error.code.rawValue)
        case let error as ExtractError where Outage.answers.contains(error.code):
            (part, code) = ("API", error.code.rawValue)
        case let error as ExtractError where error.code == .transactionExpired:
            (part, code) = ("Kafka", error.code.rawValue)
        case let error as KafkaError where error.disposition != .fenced && !Outage.settings.contains(error.code):
            (part, code) = ("Kafka", error.code.description)
        case let error as WarehouseError where error.isOutage:
            (part, code) = ("warehouse", error.code.rawValue)
        default: return nil
        }
        reason = String(describing: error)
    }

    private static let answers: Set<ExtractError.Code> = [.repeatedPage, .stuck]
    private static let settings: Set<KafkaError.Code> = [
        .unknownProperty, .invalidPropertyValue, .reservedProperty, .invalidConfiguration,
    ]
}
